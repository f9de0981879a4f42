import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("cosign bundles")
struct LegacyBundleTests {
  private static let material = BundleDraft.material
  private static let payload = "rekorBundle.Payload"

  private static func parse(_ change: (inout JSONDraft) -> Void) throws(BundleFailure) -> Bundle {
    var draft = material.legacyBundle
    change(&draft)
    return try Bundle(parsing: draft.bytes)
  }

  private static func failure(_ change: (inout JSONDraft) -> Void) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try parse(change)
      return nil
    } catch { return error }
  }

  @Test("what stands in the file is what is read")
  func values() throws {
    let material = Self.material
    let bundle = try Self.parse { _ in }
    #expect(bundle.origin == .legacyCosign)
    #expect(bundle.keyMaterial == .certificate(leaf: material.verifier.der, others: []))
    #expect(bundle.content == .message(MessageSignature(signature: material.signature, digest: nil)))
    #expect(bundle.timestamps.isEmpty)
    let expected = LogEntry(
      place: "$.rekorBundle", logIndex: material.globalIndex, logID: material.logID, kindVersion: nil,
      integratedTime: material.integratedTime, promise: material.promise, proof: nil,
      canonicalizedBody: material.body)
    #expect(bundle.logEntries == [expected])
  }

  @Test("the key may be a certificate, a public key, or left to the caller")
  func keyMaterial() throws {
    let key = Encoding.pem("PUBLIC KEY", [1, 2])
    let embedded = try Self.parse { $0["cert"] = .base64(Array(key.utf8)) }
    #expect(embedded.keyMaterial == .publicKey(hint: nil, embedded: [1, 2]))
    for value in [nil, JSONDraft.raw("null"), .text("")] {
      #expect(try Self.parse { $0["cert"] = value }.keyMaterial == .publicKey(hint: nil, embedded: nil))
    }
  }

  @Test("case 45: one certificate or key as base64 of PEM, and nothing else")
  func badKeyMaterial() {
    let pem = Self.material.verifier.pem
    for text in [
      "junk", "junk\n" + pem, pem + pem, pem + "junk", Encoding.pem("PRIVATE KEY", [1]),
      Encoding.pem("PUBLIC KEY", [1]) + pem,
    ] {
      let failure = Self.failure { $0["cert"] = .base64(Array(text.utf8)) }
      #expect(failure?.code == .certificate, "\(text.prefix(30))")
      #expect(failure?.place == "$.cert")
    }
    // DER without PEM around it.
    #expect(Self.failure { $0["cert"] = .base64(Self.material.verifier.der) }?.code == .certificate)
    // PEM without base64 around it.
    let bare = Self.failure { $0["cert"] = .text(pem) }
    #expect(bare?.code == .base64)
    #expect(bare?.place == "$.cert")
    #expect(Self.failure { $0["cert"] = .raw("[]") }?.code == .fieldInvalid)
  }

  @Test("a log entry may be missing, and so may its promise: whether that will do is not decided here")
  func absent() throws {
    for value in [nil, JSONDraft.raw("null"), .raw("{}")] {
      #expect(try Self.parse { $0["rekorBundle"] = value }.logEntries.isEmpty)
    }
    for value in [nil, JSONDraft.raw("null")] {
      let entry = try Self.parse { $0["rekorBundle.SignedEntryTimestamp"] = value }.logEntries.first
      #expect(entry?.promise == nil)
      #expect(entry?.logIndex == Self.material.globalIndex)
    }
    #expect(try Self.parse { $0[Self.payload + ".integratedTime"] = .raw("0") }.logEntries.first?.integratedTime == nil)
  }

  @Test(
    "a required field that is missing or null is named",
    arguments: [payload, payload + ".body", payload + ".integratedTime", payload + ".logIndex", payload + ".logID"])
  func missing(path: String) {
    for value in [nil, JSONDraft.raw("null")] {
      let failure = Self.failure { $0[path] = value }
      #expect(failure?.code == .fieldMissing)
      #expect(failure?.place == "$." + path)
    }
  }

  @Test("a signature that is null is missing, and told from a file of another format")
  func missingSignature() {
    let failure = Self.failure { $0["base64Signature"] = .raw("null") }
    #expect(failure?.code == .fieldMissing)
    #expect(failure?.place == "$.base64Signature")
    #expect(Self.failure { $0["base64Signature"] = nil }?.code == .unknownFormat)
  }

  @Test("case 42: cosign writes numbers, never text", arguments: [payload + ".integratedTime", payload + ".logIndex"])
  func numbers(path: String) {
    for value in ["1", "9223372036854775807"] {
      #expect(Self.failure { $0[path] = .raw(value) } == nil, "\(value)")
    }
    for value in ["-1", "-0", "1.0", "1.5", "1e2", "9223372036854775808", "1e400"] {
      let failure = Self.failure { $0[path] = .raw(value) }
      #expect(failure?.code == .numberRange, "\(value)")
      #expect(failure?.place == "$." + path)
    }
    for value in ["\"1\"", "true", "{}", "[]"] {
      let failure = Self.failure { $0[path] = .raw(value) }
      #expect(failure?.code == .fieldInvalid, "\(value)")
      #expect(failure?.place == "$." + path)
    }
  }

  @Test("a log id is 64 lower-case hex digits, as the promise signs it")
  func logID() {
    let path = Self.payload + ".logID"
    let good = Encoding.hex(Self.material.logID)
    #expect(Self.failure { $0[path] = .text(good) } == nil)
    for text in [
      good.uppercased(), good.prefix(63) + "A", String(good.dropLast(2)), good + "00", "", String(good.dropLast()),
      " " + good,
      good.dropLast() + "g", Encoding.base64(Self.material.logID),
    ] {
      let failure = Self.failure { $0[path] = .text(text) }
      #expect(failure?.code == .fieldInvalid, "\(text)")
      #expect(failure?.place == "$." + path)
    }
  }

  @Test(
    "case 43: bytes are strict base64 wherever they stand",
    arguments: ["base64Signature", "cert", "rekorBundle.SignedEntryTimestamp", payload + ".body"])
  func base64(path: String) {
    for text in ["YQ", "YR==", "-_8=", "Y Q=", "YQ==\n", "!"] {
      let failure = Self.failure { $0[path] = .text(text) }
      #expect(failure?.code == .base64, "\(text)")
      #expect(failure?.place == "$." + path)
    }
    #expect(Self.failure { $0[path] = .raw("1") }?.code == .fieldInvalid)
  }

  @Test(
    "a signature and a promise are neither empty nor longer than any",
    arguments: ["base64Signature", "rekorBundle.SignedEntryTimestamp"])
  func signatureLengths(path: String) {
    for (count, code) in [(0, .signatureEmpty), (1, nil), (2048, nil), (2049, .tooLarge)] as [(Int, BundleCode?)] {
      let failure = Self.failure { $0[path] = .base64([UInt8](repeating: 1, count: count)) }
      #expect(failure?.code == code, "\(count)")
      #expect(failure?.place == code.map { _ in "$." + path })
    }
  }
}
