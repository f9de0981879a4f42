import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// A Rekor v2 log: an Ed25519 key, checkpoints under the log's own name, no promises, one index.
@Suite("Tiled logs")
struct TiledLogTests {
  private let world: LogWorld
  private let noteKeyHash: [UInt8]

  init() {
    var virtual = VirtualSigstore()
    virtual.rekor = VirtualRekor(host: "tiles.virtual.test", kind: .ed25519, seed: "tiles")
    virtual.rekor.earlierEntries = 0
    world = LogWorld(virtual)
    let key = virtual.rekor.key.subjectPublicKeyInfo.suffix(32)
    noteKeyHash = HashName.sha256(Array("tiles.virtual.test\n".utf8) + [1] + key)
  }

  private func text(origin: String = "tiles.virtual.test") -> String {
    "\(origin)\n\(world.material.treeSize)\n\(Encoding.base64(world.material.rootHash))\n"
  }

  private func line(over text: String, name: String? = nil, key: VirtualKey? = nil, hint: [UInt8]? = nil) -> String {
    let hint = hint ?? Array(noteKeyHash.prefix(4))
    return world.world.rekor.signatureLine(over: text, name: name, key: key, hint: hint) + "\n"
  }

  private func code(_ note: String? = nil, _ change: (inout JSONDraft) -> Void = { _ in }) throws -> RekorCode? {
    let note = note ?? text() + "\n" + line(over: text())
    let bundle = try world.bundle {
      $0["\(firstEntry).inclusionPromise"] = nil
      $0["\(firstEntry).integratedTime"] = nil
      $0["\(firstEntry).logId.keyId"] = .base64(noteKeyHash)
      $0["\(firstEntry).inclusionProof.checkpoint.envelope"] = .text(note)
      change(&$0)
    }
    return try world.code(of: bundle, logs: [world.log(logID: noteKeyHash)])
  }

  @Test("a good entry is accepted on its proof alone, witnesses beside the log's line or not")
  func accepted() throws {
    #expect(try code() == nil)
    let witness = line(
      over: text(), name: "witness.example", key: VirtualKey(.ed25519, seed: "witness"), hint: [1, 2, 3, 4])
    #expect(try code(text() + "\n" + line(over: text()) + witness) == nil)
    #expect(try code(text() + "\n" + witness + line(over: text())) == nil)
  }

  @Test("a promise, which such a log never makes, is refused; so are two different indexes")
  func differences() throws {
    let promise = "\(firstEntry).inclusionPromise"
    #expect(
      try code { $0[promise] = .object([("signedEntryTimestamp", .base64([1]))]) } == .promiseUnexpected)
    #expect(try code { $0["\(firstEntry).logIndex"] = .text("1") } == .indexMismatch)
    #expect(try code { $0["\(firstEntry).inclusionProof"] = nil } == .proofMissing)
    #expect(try code { $0["\(firstEntry).inclusionProof.checkpoint"] = nil } == .checkpointMissing)
  }

  @Test("case 19: the origin is the log's name, and so is the name on its signature line")
  func names() throws {
    for origin in ["tiles.virtual.test - 1", "Tiles.virtual.test", "other.virtual.test", "tiles.virtual.test "] {
      let text = text(origin: origin)
      #expect(try code(text + "\n" + line(over: text)) == .checkpointUntrusted, "\(origin)")
    }
    #expect(try code(text() + "\n" + line(over: text(), name: "other.virtual.test")) == .checkpointUntrusted)
    // A line of another name under the log's hint is another key's.
    let stray = line(over: text(), name: "other.virtual.test", key: VirtualKey(.ed25519, seed: "stray"))
    #expect(try code(text() + "\n" + stray + line(over: text())) == nil)
  }

  @Test("case 19: another key under the log's name, under its hint, under both")
  func keys() throws {
    let key = VirtualKey(.ed25519, seed: "stranger")
    #expect(try code(text() + "\n" + line(over: text(), key: key)) == .checkpointUntrusted)
    #expect(try code(text() + "\n" + line(over: text(), hint: [0, 0, 0, 0])) == .checkpointUntrusted)
    // The hint of a key by itself, without the name, as for ECDSA.
    let bare = Array(world.world.rekor.logID.prefix(4))
    #expect(try code(text() + "\n" + line(over: text(), hint: bare)) == .checkpointUntrusted)
    // One name, two hints: the other is an older key's, and left alone.
    let older = line(over: text(), key: key, hint: [0, 0, 0, 0])
    #expect(try code(text() + "\n" + older + line(over: text())) == nil)
    let wrong = line(over: text(), key: key)
    #expect(try code(text() + "\n" + line(over: text()) + wrong) == .checkpointUntrusted)
  }

  @Test("case 17: its proofs are judged as those of any log")
  func proofs() throws {
    #expect(try code { $0["\(firstEntry).canonicalizedBody"] = .base64([1]) } == .rootMismatch)
    #expect(try code { $0["\(firstEntry).inclusionProof.hashes"] = .array([]) } == .proofLength)
    #expect(try code { $0["\(firstEntry).inclusionProof.treeSize"] = .text("1") } == .sizeMismatch)
  }
}
