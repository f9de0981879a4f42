import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Bundles")
struct BundleTests {
  private let material: SignedMaterial

  init() {
    var world = VirtualSigstore()
    material = world.sign(Array("x".utf8))
  }

  private func failure(_ bytes: [UInt8]) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try Bundle(parsing: bytes)
      return nil
    } catch { return error }
  }

  private func failure(_ version: SignedMaterial.Version = .v0_3, _ change: (inout JSONDraft) -> Void) -> BundleFailure?
  {
    var draft = material.bundle(version)
    change(&draft)
    return failure(draft.bytes)
  }

  @Test("every shape in circulation becomes one value")
  func accepted() throws {
    for (version, origin) in [
      (.v0_1, .v0_1), (.v0_2, .v0_2), (.v0_3Old, .v0_3), (.v0_3, .v0_3),
    ] as [(SignedMaterial.Version, Bundle.Origin)] {
      let bundle = try Bundle(parsing: material.bundle(version).bytes)
      #expect(bundle.origin == origin)
      #expect(bundle.content.signature == material.signature)
      #expect(bundle.logEntries.first?.canonicalizedBody == material.body)
      guard case .certificate(material.verifier.der, _) = bundle.keyMaterial else {
        Issue.record("no leaf")
        continue
      }
    }
    let legacy = try Bundle(parsing: material.legacyBundle.bytes)
    #expect(legacy.origin == .legacyCosign)
    #expect(legacy.logEntries.first?.promise == material.promise)
    let loose = try Bundle(looseSignature: material.looseSignature, certificate: material.looseCertificate)
    #expect(loose.origin == .looseFiles)
    #expect(loose.logEntries.isEmpty)
  }

  @Test(
    "null, an empty object and an empty list are absent; int64 is text or a whole number; unknown fields are left alone"
  )
  func lenience() {
    let entry = "verificationMaterial.tlogEntries.0"
    for change in [
      { $0["\(entry).inclusionPromise"] = .raw("null") }, { $0["\(entry).inclusionProof"] = .raw("{}") },
      { $0["verificationMaterial.timestampVerificationData"] = .raw("null") },
      { $0["verificationMaterial.timestampVerificationData"] = .raw("{}") },
      { $0["verificationMaterial.timestampVerificationData"] = .raw("{\"rfc3161Timestamps\":[]}") },
      { $0["\(entry).logIndex"] = .raw("17") }, { $0["\(entry).logIndex"] = nil }, { $0["unknown"] = .raw("[1.5e3]") },
      { $0["messageSignature.messageDigest"] = nil }, { $0["dsseEnvelope"] = .raw("null") },
    ] as [(inout JSONDraft) -> Void] {
      #expect(failure(.v0_3, change) == nil)
    }
  }

  @Test("case 42: what is refused, with its code and its place")
  func refused() {
    let material = "verificationMaterial"
    let entry = "verificationMaterial.tlogEntries.0"
    let place = "$.verificationMaterial.tlogEntries[0]"
    let cases: [(BundleCode, String?, (inout JSONDraft) -> Void)] = [
      (.unknownFormat, nil, { $0["mediaType"] = .text("application/vnd.dev.sigstore.bundle+json;version=99.9") }),
      (.unknownFormat, nil, { $0["mediaType"] = .text("application/vnd.dev.sigstore.bundle.v0.3.1+json") }),
      (.unknownFormat, nil, { $0["mediaType"] = .text("application/vnd.dev.sigstore.bundle+json\u{37e}version=0.1") }),
      (.unknownFormat, nil, { $0["mediaType"] = nil }), (.unknownFormat, nil, { $0["base64Signature"] = .text("") }),
      (.fieldInvalid, "$.mediaType", { $0["mediaType"] = .raw("1") }),
      (.fieldMissing, "$.verificationMaterial", { $0[material] = nil }),
      (.fieldMissing, "$.verificationMaterial", { $0["\(material).certificate"] = nil }),
      (.conflict, "$.verificationMaterial", { $0["\(material).publicKey"] = .raw("{}") }),
      (.conflict, "$", { $0["dsseEnvelope"] = .raw("{}") }),
      (
        .unsupported, "$.dsseEnvelope",
        {
          $0["messageSignature"] = nil
          $0["dsseEnvelope"] = .raw("{}")
        }
      ),
      (.fieldMissing, "$", { $0["messageSignature"] = nil }),
      (.fieldMissing, "$.messageSignature.signature", { $0["messageSignature.signature"] = nil }),
      (.signatureEmpty, "$.messageSignature.signature", { $0["messageSignature.signature"] = .text("") }),
      (.base64, "$.messageSignature.signature", { $0["messageSignature.signature"] = .text("YQ") }),
      (.base64, "$.messageSignature.signature", { $0["messageSignature.signature"] = .text("YR==") }),
      (.base64, "$.messageSignature.signature", { $0["messageSignature.signature"] = .text("-_8=") }),
      (.base64, "$.messageSignature.signature", { $0["messageSignature.signature"] = .text("Y\nQ==") }),
      (
        .fieldInvalid, "$.messageSignature.messageDigest.algorithm",
        { $0["messageSignature.messageDigest.algorithm"] = .text("SHA3_256") }
      ),
      (
        .fieldInvalid, "$.messageSignature.messageDigest.algorithm",
        { $0["messageSignature.messageDigest.algorithm"] = .raw("1") }
      ),
      (
        .fieldInvalid, "$.messageSignature.messageDigest.digest",
        { $0["messageSignature.messageDigest.digest"] = .text("AAAA") }
      ),
      (.numberRange, "\(place).logIndex", { $0["\(entry).logIndex"] = .text("-1") }),
      (.numberRange, "\(place).logIndex", { $0["\(entry).logIndex"] = .raw("1.0") }),
      (.numberRange, "\(place).logIndex", { $0["\(entry).logIndex"] = .raw("1e2") }),
      (.numberRange, "\(place).logIndex", { $0["\(entry).logIndex"] = .text("9223372036854775808") }),
      (.numberRange, "\(place).logIndex", { $0["\(entry).logIndex"] = .text("01") }),
      (.numberRange, "\(place).inclusionProof.treeSize", { $0["\(entry).inclusionProof.treeSize"] = .text("-5") }),
      (.fieldInvalid, "\(place).logId.keyId", { $0["\(entry).logId.keyId"] = .text("AAAA") }),
      (.fieldMissing, "\(place).canonicalizedBody", { $0["\(entry).canonicalizedBody"] = nil }),
      (.fieldMissing, "\(place).kindVersion", { $0["\(entry).kindVersion"] = nil }),
      (.fieldInvalid, "\(place).inclusionProof.hashes[0]", { $0["\(entry).inclusionProof.hashes.0"] = .text("AAAA") }),
      (.fieldInvalid, "\(place)", { $0["\(entry).log_index"] = .text("1") }),
      (.fieldInvalid, "$", { $0["message_signature"] = .raw("{}") }),
      (.json, nil, { $0["\(entry).logIndex"] = .raw("1,\"logIndex\":1") }),
      (.json, nil, { $0["\(entry).logIndex"] = .raw("1,\"log\\u0049ndex\":1") }),
      (.json, nil, { $0["x"] = .raw("NaN") }), (.json, nil, { $0["x"] = .raw("\"\\ud800\"") }),
    ]
    for (code, place, change) in cases {
      let found = failure(.v0_3, change)
      #expect(found?.code == code, "\(String(describing: found))")
      if let place { #expect(found?.place == place) }
    }
    let good = material_
    #expect(failure([0xef, 0xbb, 0xbf] + good)?.code == .json)
    #expect(failure(good + [0x78])?.code == .json)
    #expect(failure([])?.code == .unknownFormat)
    #expect(failure(Array("[]".utf8))?.code == .unknownFormat)
    #expect(failure(good.map { $0 == UInt8(ascii: "v") ? 0xff : $0 })?.code == .json)
  }

  private var material_: [UInt8] { material.bundle().bytes }

  @Test("certificate or chain, as the version says")
  func certificateForm() {
    let chain = material.bundle(.v0_1)["verificationMaterial.x509CertificateChain"]
    let single = material.bundle(.v0_3)["verificationMaterial.certificate"]
    let v3 = failure(.v0_3) {
      $0["verificationMaterial.certificate"] = nil
      $0["verificationMaterial.x509CertificateChain"] = chain
    }
    #expect(v3?.code == .fieldInvalid)
    let v1 = failure(.v0_1) {
      $0["verificationMaterial.x509CertificateChain"] = nil
      $0["verificationMaterial.certificate"] = single
    }
    #expect(v1?.code == .fieldInvalid)
    let empty = failure(.v0_1) { $0["verificationMaterial.x509CertificateChain.certificates"] = .array([]) }
    #expect(empty?.code == .fieldMissing)
  }

  @Test("case 44: counts over any real one are refused")
  func counts() {
    let many = { (value: JSONDraft, count: Int) in JSONDraft.array([JSONDraft](repeating: value, count: count)) }
    let entry = material.entry
    #expect(failure { $0["verificationMaterial.tlogEntries"] = many(entry, 33) }?.code == .tooMany)
    let hash = JSONDraft.base64([UInt8](repeating: 0, count: 32))
    #expect(
      failure { $0["verificationMaterial.tlogEntries.0.inclusionProof.hashes"] = many(hash, 65) }?.code == .tooMany)
    let stamp = JSONDraft.object([("signedTimestamp", .base64([1]))])
    #expect(
      failure {
        $0["verificationMaterial.timestampVerificationData"] = .object([("rfc3161Timestamps", many(stamp, 33))])
      }?
      .code == .tooMany)
    let certificate = JSONDraft.object([("rawBytes", .base64([1]))])
    #expect(
      failure(.v0_1) { $0["verificationMaterial.x509CertificateChain.certificates"] = many(certificate, 11) }?.code
        == .tooMany)
    #expect(failure { $0["x"] = many(.raw("0"), 100_001) }?.code == .tooMany)
    #expect(
      failure { $0["messageSignature.signature"] = .base64([UInt8](repeating: 1, count: 2049)) }?.code == .tooLarge)
  }

  @Test("the cosign bundle's own rules")
  func legacy() throws {
    func code(_ change: (inout JSONDraft) -> Void) -> BundleCode? {
      var draft = material.legacyBundle
      change(&draft)
      return failure(draft.bytes)?.code
    }
    #expect(code { _ in } == nil)
    #expect(code { $0["rekorBundle"] = nil } == nil)
    #expect(code { $0["rekorBundle.SignedEntryTimestamp"] = nil } == nil)
    #expect(code { $0["rekorBundle.Payload"] = nil } == .fieldMissing)
    #expect(
      code { $0["rekorBundle.Payload.logID"] = .text(Encoding.hex(material.logID).uppercased()) } == .fieldInvalid)
    #expect(code { $0["rekorBundle.Payload.logID"] = .text("00") } == .fieldInvalid)
    #expect(code { $0["rekorBundle.Payload.integratedTime"] = .text("1") } == .fieldInvalid)
    #expect(code { $0["rekorBundle.Payload.logIndex"] = .raw("-1") } == .numberRange)
    #expect(code { $0["base64Signature"] = .text("!") } == .base64)
    #expect(code { $0["cert"] = .base64(Array("junk".utf8)) } == .certificate)
    let key = Encoding.pem("PUBLIC KEY", [1, 2])
    var draft = material.legacyBundle
    draft["cert"] = .base64(Array(key.utf8))
    #expect(try Bundle(parsing: draft.bytes).keyMaterial == .publicKey(hint: nil, embedded: [1, 2]))
  }
}
