import OpenSSLCrypto
@testable import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

/// Keys and checkpoints of Sigstore's public logs, word for word: whatever the test kit and the product agree upon, this
/// is what they must agree with.
@Suite("Public logs")
struct PublicLogTests {
  private static let always = TimeWindow(start: nil, end: nil)

  /// Rekor v1: ECDSA P-256.
  private func production() throws -> TransparencyLog {
    try TransparencyLog(
      name: "rekor.sigstore.dev", logID: Hex.decode("c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d"),
      key: PublicKey(
        subjectPublicKeyInfo: Base64.decode(
          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw=="
        )), validFor: Self.always, operator: nil)
  }

  /// Rekor v2: Ed25519, staging.
  private func staging(name: String = "log2025-alpha1.rekor.sigstage.dev") throws -> TransparencyLog {
    try TransparencyLog(
      name: name, logID: Hex.decode("f30d5a999d92e662484244263f174cb8eacbfe8264bc583d32741799e3825dc9"),
      key: PublicKey(
        subjectPublicKeyInfo: Base64.decode("MCowBQYDK2VwAyEAPn+AREHoBaZ7wgS1zBqpxmLSGnyhxXj4lFxSdWVB8o8=")),
      validFor: Self.always, operator: nil)
  }

  /// Of the vector happy-path-v0.3 of sigstore-conformance.
  private let note = """
    rekor.sigstore.dev - 2605736670972794746
    75408393
    Fnnj13Uu1jdksPc4HZLapKX329dVlD5+MGNsiqBq1XM=

    — rekor.sigstore.dev wNI9ajBFAiBTyiBM9WtyOTgohje6QZ5rFGJUdMq7Wk3A6oThE98SUgIhAMvxDwa7FyqRqg+YV3rdPPrfS23w19iK+piMSGVOmP5w

    """

  /// Of rekor2-checkpoint-cosigned: the log's line, and a witness's.
  private let cosigned = """
    log2025-alpha1.rekor.sigstage.dev
    736
    rs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=

    — log2025-alpha1.rekor.sigstage.dev 8w1amdbj1mjNN674dHAkD92+QZoEgBC7o0mXYSTRluDjQrOPjrps3zQB9ut+ShLepyZPsWBDi5IB3yXyjgjQT6OG9A8=
    — witness.example O8PH5AAAAABopO8+4O9uzScQrNEnGdKLYXSPoUjH1Se4n92W+wT/j5Kel/4J2XWE4bEe9bpIVUD6EGOeUDFkSWz/rbDhvVcJ/2OrDw==

    """

  private func code(_ note: String, _ log: TransparencyLog) throws -> RekorCode? {
    do throws(RekorFailure) {
      try Checkpoint(parsing: note).verify(by: log)
      return nil
    } catch { return error.code }
  }

  @Test("a checkpoint of the public log is read field by field")
  func fields() throws {
    let checkpoint = try Checkpoint(parsing: note)
    #expect(checkpoint.origin == "rekor.sigstore.dev - 2605736670972794746")
    #expect(checkpoint.treeSize == 75_408_393)
    #expect(Hex.encode(checkpoint.rootHash) == "1679e3d7752ed63764b0f7381d92daa4a5f7dbd755943e7e30636c8aa06ad573")
    #expect(checkpoint.signedText.count == 95)
    #expect(
      Encoding.hex(HashName.sha256(checkpoint.signedText))
        == "45fa9d5dd1fe30a4b10fab1923629c268b404a30e2bda4b37eb1ee1fc4f0154b")
    #expect(checkpoint.signatures.map(\.signature.count) == [71])
    let second = try Checkpoint(parsing: cosigned)
    #expect(second.signedText.count == 83)
    #expect(
      Encoding.hex(HashName.sha256(second.signedText))
        == "0993b81b9163c77247235d404ba48548dbf34cd50f96f446bd7466f092ae8b3a")
    #expect(second.signatures.map { Hex.encode($0.keyHint) } == ["f30d5a99", "3bc3c7e4"])
    #expect(second.signatures.map(\.signature.count) == [64, 72])
  }

  @Test("checkpoints of both generations verify under their keys, and under no other")
  func verifies() throws {
    #expect(try code(note, production()) == nil)
    #expect(try code(cosigned, staging()) == nil)
    #expect(try code(note, staging()) == .checkpointUntrusted)
    #expect(try code(cosigned, production()) == .checkpointUntrusted)
  }

  @Test("no changed byte of their signed texts and no changed signature verifies")
  func changed() throws {
    for (note, log) in [(note, try production()), (cosigned, try staging())] {
      let text = try Checkpoint(parsing: note).signedText.count
      for position in 0..<text {
        var bytes = Array(note.utf8)
        bytes[position] ^= 1
        #expect(try code(String(decoding: bytes, as: UTF8.self), log) != nil, "byte \(position)")
      }
    }
    #expect(try code(note.replacing("OmP5w", with: "OmP5x"), production()) == .checkpointUntrusted)
    #expect(try code(note.replacing("75408393", with: "75408394"), production()) == .checkpointUntrusted)
    #expect(try code(cosigned.replacing("8w1amdbj", with: "8w1amdbk"), staging()) == .checkpointUntrusted)
  }

  @Test("case 19: the checkpoint of a tiled log has the log's name as origin")
  func tiledOrigin() throws {
    let log = try staging(name: "log2025-alpha2.rekor.sigstage.dev")
    #expect(try code(cosigned, log) == .checkpointUntrusted)
  }

  @Test("log ids and key hints of the public logs follow from their keys")
  func hints() throws {
    let v1 = try production()
    #expect(Hex.encode(v1.keyHint) == "c0d23d6a")
    #expect(!v1.isTiled)
    #expect(HashName.sha256(v1.key.subjectPublicKeyInfo) == v1.logID)
    let v2 = try TransparencyLog(
      name: "log2025-1.rekor.sigstore.dev",
      logID: Hex.decode("cf1199155bddd051268d1f16ac5c0c75c009f6fb5a63f4177f8e18d7051e3fa0"),
      key: PublicKey(
        subjectPublicKeyInfo: Base64.decode("MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=")),
      validFor: Self.always, operator: nil)
    #expect(Hex.encode(v2.keyHint) == "cf119915")
    #expect(v2.isTiled)
    let preimage = try Hex.decode(
      "6c6f67323032352d312e72656b6f722e73696773746f72652e646576" + "0a" + "01"
        + "b7cae5a759271b08df6dc5c060f600927d1788bcf5c7c3b8b7462412189edb8e")
    #expect(preimage.count == 62)
    #expect(HashName.sha256(preimage) == v2.logID)
    #expect(Hex.encode(try staging().keyHint) == "f30d5a99")
  }

  @Test("the hint of an RSA key covers name and kind; a hint that the trusted root states comes before all")
  func otherHints() throws {
    let spki = VirtualKey(.rsa2048, seed: "").subjectPublicKeyInfo
    let key = try PublicKey(subjectPublicKeyInfo: spki)
    let log = try TransparencyLog(
      name: "log.example", logID: HashName.sha256(spki), key: key, validFor: Self.always, operator: nil)
    let preimage = Array("log.example\n".utf8) + [0xff] + Array("PKIX-RSA-PKCS#1v1.5".utf8) + spki
    #expect(log.keyHint == Array(HashName.sha256(preimage).prefix(4)))
    #expect(!log.isTiled)
    let stated = try TransparencyLog(
      name: "log.example", logID: HashName.sha256(spki), key: key, validFor: Self.always, operator: nil,
      checkpointKeyID: [1, 2, 3, 4, 5])
    #expect(stated.keyHint == [1, 2, 3, 4])
  }

  @Test("an ECDSA log is tiled where its id is the note key hash of its name")
  func tiledECDSA() throws {
    let spki = VirtualKey(.p256, seed: "tiles").subjectPublicKeyInfo
    let key = try PublicKey(subjectPublicKeyInfo: spki)
    let note = HashName.sha256(Array("log.example\n".utf8) + [2] + spki)
    for (logID, isTiled) in [(note, true), (HashName.sha256(spki), false)] {
      let log = try TransparencyLog(
        name: "log.example", logID: logID, key: key, validFor: Self.always, operator: nil)
      #expect(log.isTiled == isTiled)
      #expect(log.keyHint == Array(logID.prefix(4)))
    }
  }
}
