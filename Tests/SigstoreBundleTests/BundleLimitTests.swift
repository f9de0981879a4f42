import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// The last count that is read, and the first that is not.
@Suite("Limits of bundles")
struct BundleLimitTests {
  private static let material = BundleDraft.material

  private func list(_ one: JSONDraft, _ count: Int) -> JSONDraft {
    .array([JSONDraft](repeating: one, count: count))
  }

  /// Accepts `limit` and refuses one more, at `place`.
  private func check(
    _ limit: Int, _ code: BundleCode, at place: String, version: SignedMaterial.Version = .v0_3,
    _ change: (inout JSONDraft, Int) -> Void
  ) {
    #expect(BundleDraft.failure(version) { change(&$0, limit) } == nil)
    let refusal = BundleDraft.failure(version) { change(&$0, limit + 1) }
    #expect(refusal?.code == code)
    #expect(refusal?.place == place)
  }

  @Test("case 44: 32 log entries")
  func entries() {
    check(32, .tooMany, at: "$.verificationMaterial.tlogEntries") {
      $0["verificationMaterial.tlogEntries"] = list(Self.material.entry, $1)
    }
  }

  @Test("case 44: 32 timestamps")
  func timestamps() {
    let stamp = JSONDraft.object([("signedTimestamp", .base64([1]))])
    check(32, .tooMany, at: "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps") {
      $0["verificationMaterial.timestampVerificationData"] = .object([("rfc3161Timestamps", list(stamp, $1))])
    }
  }

  @Test("case 44: 64 hashes in a proof")
  func hashes() {
    let hash = JSONDraft.base64([UInt8](repeating: 0, count: 32))
    check(64, .tooMany, at: "$.verificationMaterial.tlogEntries[0].inclusionProof.hashes") {
      $0["verificationMaterial.tlogEntries.0.inclusionProof.hashes"] = list(hash, $1)
    }
  }

  @Test("case 44: ten certificates in a chain")
  func certificates() {
    let one = JSONDraft.object([("rawBytes", .base64([1]))])
    check(10, .tooMany, at: "$.verificationMaterial.x509CertificateChain.certificates", version: .v0_1) {
      $0["verificationMaterial.x509CertificateChain.certificates"] = list(one, $1)
    }
  }

  @Test("2048 bytes of signature, wherever one stands")
  func signatures() {
    let bytes = { (count: Int) in JSONDraft.base64([UInt8](repeating: 1, count: count)) }
    check(2048, .tooLarge, at: "$.messageSignature.signature") { $0["messageSignature.signature"] = bytes($1) }
    let entry = "verificationMaterial.tlogEntries.0.inclusionPromise.signedEntryTimestamp"
    check(
      2048, .tooLarge, at: "$.verificationMaterial.tlogEntries[0].inclusionPromise.signedEntryTimestamp"
    ) { $0[entry] = bytes($1) }
  }

  @Test("case 42: 64 levels, the bundle itself being the first")
  func depth() {
    let rest = Self.material.bundle().rendered.dropFirst()
    check(63, .json, at: "byte 68") {
      $0 = .raw("{\"x\":" + String(repeating: "[", count: $1) + String(repeating: "]", count: $1) + "," + rest)
    }
  }

  @Test("case 42: 100 MB of text are refused unread")
  func size() {
    let text = Array("{\"x\":\"".utf8) + [UInt8](repeating: 0x78, count: 100_000_000)
    let failure = #expect(throws: BundleFailure.self) { _ = try Bundle(parsing: text) }
    #expect(failure?.code == .tooLarge)
  }

  @Test("case 44: a million values in a field that nobody reads")
  func values() {
    let million = JSONDraft.raw("[" + String(repeating: "0,", count: 999_999) + "0]")
    #expect(BundleDraft.failure { $0["x"] = million }?.code == .tooMany)
  }
}
