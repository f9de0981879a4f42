import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Bundles")
struct BundleTests {
  private static let material = BundleDraft.material

  private func failure(_ bytes: [UInt8]) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try Bundle(parsing: bytes)
      return nil
    } catch { return error }
  }

  @Test("every shape in circulation becomes one value")
  func accepted() throws {
    let material = Self.material
    var bundles = [
      Bundle.Origin.legacyCosign: try Bundle(parsing: material.legacyBundle.bytes),
      .looseFiles: try Bundle(looseSignature: material.looseSignature, certificate: material.looseCertificate),
    ]
    for (version, origin) in [
      (.v0_1, .v0_1), (.v0_2, .v0_2), (.v0_3Old, .v0_3), (.v0_3, .v0_3),
    ] as [(SignedMaterial.Version, Bundle.Origin)] {
      bundles[origin] = try Bundle(parsing: material.bundle(version).bytes)
      #expect(bundles[origin]?.origin == origin)
    }
    #expect(Set(bundles.keys) == Set(Bundle.Origin.allCases).subtracting([.lookedUp]), "no file is of that kind")
    for (origin, bundle) in bundles {
      #expect(bundle.origin == origin)
      #expect(bundle.content.signature == material.signature)
      #expect(bundle.logEntries.map(\.canonicalizedBody) == (origin == .looseFiles ? [] : [material.body]))
      guard case .certificate(material.verifier.der, _) = bundle.keyMaterial else {
        Issue.record("no leaf in \(origin)")
        continue
      }
    }
    let keyed = try Bundle(looseSignature: material.looseSignature)
    #expect(keyed.origin == .looseFiles)
    #expect(keyed.keyMaterial == .publicKey(hint: nil, embedded: nil))
  }

  @Test("white space around a bundle and unknown fields in it change nothing")
  func lenience() throws {
    for draft in [Self.material.bundle(), Self.material.legacyBundle] {
      let bundle = try Bundle(parsing: draft.bytes)
      #expect(try Bundle(parsing: [0x0a, 0x20, 0x09, 0x0d] + draft.bytes + [0x0a, 0x20]) == bundle)
      var extended = draft
      extended["unknown"] = .raw("[1.5e3,{\"a\":null}]")
      #expect(try Bundle(parsing: extended.bytes) == bundle)
    }
  }

  @Test(
    "case 42: what is neither kind of bundle, or both",
    arguments: [
      "", " ", "\n", "[]", "null", "1", "\"mediaType\"", "<html></html>", "MEUCIQ==", "-----BEGIN CERTIFICATE-----",
      "{}",
      "{\"mediatype\":\"\"}", "{\"MediaType\":\"\"}", "{\"media_type\":\"\"}", "{\"Base64Signature\":\"\"}",
      "{\"bundle\":{\"mediaType\":\"\"}}", "\0{}", "\u{b}{}",
    ])
  func unknownFormat(text: String) {
    #expect(failure(Array(text.utf8))?.code == .unknownFormat)
  }

  @Test("case 42: a bundle of both kinds is none")
  func bothFormats() {
    for value in ["null", "\"\"", "\"YQ==\""] {
      var draft = Self.material.bundle()
      draft["base64Signature"] = .raw(value)
      #expect(failure(draft.bytes)?.code == .unknownFormat)
      var legacy = Self.material.legacyBundle
      legacy["mediaType"] = .raw(value)
      #expect(failure(legacy.bytes)?.code == .unknownFormat)
    }
    var draft = Self.material.bundle()
    draft["mediaType"] = .raw("1")
    #expect(failure(draft.bytes)?.code == .fieldInvalid)
    #expect(failure(draft.bytes)?.place == "$.mediaType")
    draft["mediaType"] = nil
    #expect(failure(draft.bytes)?.code == .unknownFormat)
  }

  @Test("case 42: what is not strict JSON", arguments: [true, false])
  func strictJSON(isLegacy: Bool) {
    let draft = isLegacy ? Self.material.legacyBundle : Self.material.bundle()
    let text = draft.rendered
    let inside = { (member: String) in "{" + member + "," + text.dropFirst() }
    #expect(failure(Array(inside("\"x\":1").utf8)) == nil)
    for broken in [
      "\u{feff}" + text, text + "x", text + text, text + "\0", String(text.dropLast()), text.replacing(":", with: "="),
      inside("\"x\":NaN"), inside("\"x\":Infinity"), inside("\"x\":01"), inside("\"x\":\"\\ud800\""), inside("x:1"),
      inside("'x':1"), inside("\"x\":1,\"x\":1"), inside("\"x\":[{\"y\":1,\"\\u0079\":1}]"), inside("/**/\"x\":1"),
      inside("\"rekorBundle\":{},\"\\u0072ekorBundle\":{}"), inside("\"x\":\"\n\""), String(text.dropLast()) + ",}",
    ] {
      #expect(failure(Array(broken.utf8))?.code == .json, "\(broken.prefix(60))")
    }
    for bytes in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]] as [[UInt8]] {
      let broken = Array("{\"x\":\"".utf8) + bytes + Array("\",".utf8) + draft.bytes.dropFirst()
      #expect(failure(broken)?.code == .json, "\(bytes)")
    }
  }

  @Test("case 42: the same field twice", arguments: ["logIndex", "canonicalizedBody", "inclusionProof", "logId"])
  func duplicates(name: String) throws {
    let entry = BundleDraft.entry
    var draft = Self.material.bundle()
    let value = try #require(draft["\(entry).\(name)"]).rendered
    draft["\(entry).kindVersion"] = .raw("{},\"\(name)\":\(value)")
    #expect(failure(draft.bytes)?.code == .json)
    let escaped = "\\u00" + Encoding.hex([try #require(name.utf8.first)]) + name.dropFirst()
    draft["\(entry).kindVersion"] = .raw("{},\"\(escaped)\":\(value)")
    #expect(failure(draft.bytes)?.code == .json)
  }

  @Test("certificate or chain, as the version says")
  func certificateForm() {
    let chain = Self.material.bundle(.v0_1)["verificationMaterial.x509CertificateChain"]
    let single = Self.material.bundle(.v0_3)["verificationMaterial.certificate"]
    for version in SignedMaterial.Version.allCases {
      let isOld = version == .v0_1 || version == .v0_2
      let failure = BundleDraft.failure(version) {
        $0["verificationMaterial.certificate"] = isOld ? single : nil
        $0["verificationMaterial.x509CertificateChain"] = isOld ? nil : chain
      }
      #expect(failure?.code == .fieldInvalid, "\(version)")
      #expect(failure?.place == (isOld ? "$.verificationMaterial.certificate" : "$.verificationMaterial"))
    }
  }

  @Test("the codes are distinct, with a sentence each", arguments: BundleCode.allCases)
  func codes(code: BundleCode) {
    #expect(code.rawValue.split(separator: ".").count == 2)
    #expect(!code.meaning.isEmpty)
    #expect(!code.meaning.hasSuffix("."))
    #expect(code.blame == (code == .disagreesWithBundle ? .untrusted : .malformed))
  }
}
