import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// The body of a hashedrekord, with one field changed at a time.
@Suite("Fields of entry bodies")
struct EntryBodyFieldTests {
  private static let key = VirtualKey(.p256, seed: "body")
  private static let digest = HashName.sha256([])

  private static var good: JSONDraft {
    .object([
      ("apiVersion", .text("0.0.1")), ("kind", .text("hashedrekord")),
      (
        "spec",
        .object([
          (
            "data",
            .object([
              ("hash", .object([("algorithm", .text("sha256")), ("value", .text(Encoding.hex(digest)))]))
            ])
          ),
          (
            "signature",
            .object([
              ("content", .base64([1, 2, 3])),
              ("publicKey", .object([("content", .base64(Array(key.publicKeyPEM.utf8)))])),
            ])
          ),
        ])
      ),
    ])
  }

  private func body(_ text: String, says kind: LogEntry.KindVersion? = nil) throws(RekorFailure) -> EntryBody {
    try EntryBody(
      of: LogEntry(
        place: "$", logIndex: 1, logID: [], kindVersion: kind, integratedTime: nil, promise: nil, proof: nil,
        canonicalizedBody: Array(text.utf8)))
  }

  private func code(_ path: String, _ value: JSONDraft?) -> RekorCode? {
    var draft = Self.good
    draft[path] = value
    return code(draft.rendered)
  }

  private func code(_ text: String, says kind: LogEntry.KindVersion? = nil) -> RekorCode? {
    do throws(RekorFailure) {
      _ = try body(text, says: kind)
      return nil
    } catch { return error.code }
  }

  @Test("a good body with a public key is read; where the bundle does not say the kind, the body does")
  func accepted() throws {
    let body = try body(Self.good.rendered)
    #expect(body.subject.digest == Digest(.sha256, Self.digest))
    #expect(body.signature == [1, 2, 3])
    #expect(body.verifier == .publicKey(Self.key.subjectPublicKeyInfo))
  }

  @Test("every hash of Sigstore's registry, at its own length", arguments: HashName.allCases)
  func hashes(hash: HashName) throws {
    var draft = Self.good
    draft["spec.data.hash.algorithm"] = .text(hash.rawValue)
    draft["spec.data.hash.value"] = .text(Encoding.hex(hash([])))
    let algorithm = try #require(HashAlgorithm(rawValue: hash.rawValue))
    #expect(try body(draft.rendered).subject.digest == Digest(algorithm, hash([])))
    for other in HashName.allCases where other != hash {
      draft["spec.data.hash.value"] = .text(Encoding.hex(other([])))
      #expect(code(draft.rendered) == .bodyMalformed)
    }
  }

  @Test(
    "no field may be missing, null or of another type",
    arguments: [
      "kind", "apiVersion", "spec", "spec.data", "spec.data.hash", "spec.data.hash.algorithm", "spec.data.hash.value",
      "spec.signature", "spec.signature.content", "spec.signature.publicKey", "spec.signature.publicKey.content",
    ])
  func required(field: String) {
    for value in [nil, .raw("null"), .raw("1"), .raw("true"), .array([]), .raw("[\"x\"]")] as [JSONDraft?] {
      #expect(code(field, value) == .bodyMalformed, "\(value?.rendered ?? "missing")")
    }
    #expect(code(Self.good.rendered) == nil)
  }

  @Test("values off the one form that a log writes")
  func values() {
    for (field, text) in [
      ("spec.data.hash.algorithm", "SHA256"), ("spec.data.hash.algorithm", "sha1"), ("spec.data.hash.algorithm", ""),
      ("spec.data.hash.value", ""), ("spec.data.hash.value", String(Encoding.hex(Self.digest).dropLast(2))),
      ("spec.data.hash.value", Encoding.hex(Self.digest) + "00"),
      ("spec.data.hash.value", String(repeating: "g", count: 64)),
      ("spec.signature.content", "AQID\n"), ("spec.signature.content", "AQI"), ("spec.signature.content", "A-_D"),
      ("spec.signature.publicKey.content", ""), ("spec.signature.publicKey.content", Self.key.publicKeyPEM),
    ] {
      #expect(code(field, .text(text)) == .bodyMalformed, "\(field): \(text)")
    }
  }

  @Test("the key is one PEM block of a certificate or public key, and nothing else")
  func pem() {
    let block = Self.key.publicKeyPEM
    let key = Self.key.subjectPublicKeyInfo
    for (text, expected) in [
      (block, nil), (Encoding.pem("CERTIFICATE", [0x30, 0x00]), nil), (block + block, .bodyMalformed),
      (Encoding.pem("CERTIFICATE", key) + block, .bodyMalformed), (Encoding.pem("PRIVATE KEY", key), .bodyMalformed),
      (Encoding.pem("RSA PUBLIC KEY", key), .bodyMalformed), (String(block.dropLast(30)), .bodyMalformed),
      ("", .bodyMalformed), (Encoding.base64(key), .bodyMalformed),
    ] as [(String, RekorCode?)] {
      #expect(code("spec.signature.publicKey.content", .base64(Array(text.utf8))) == expected, "\(text)")
    }
  }

  @Test("a name given twice is refused at every depth, since two readers could see two entries")
  func duplicates() {
    let text = Self.good.rendered
    let value = "\"value\":\"\(Encoding.hex(HashName.sha256([1])))\","
    for (name, extra) in [
      ("\"kind\":", "\"kind\":\"hashedrekord\","), ("\"spec\":", "\"spec\":{},"), ("\"value\":", value),
      ("\"content\":", "\"content\":\"AQID\","), ("\"value\":", value.replacing("value", with: "\\u0076alue")),
    ] {
      #expect(code(text.replacing(name, with: extra + name)) == .bodyMalformed, "\(extra)")
    }
  }

  @Test("text around the JSON, another encoding, and depth are refused")
  func text() {
    let good = Self.good.rendered
    for text in [
      "\u{feff}" + good, good + "}", good + good, String(good.dropLast()), "\"" + good,
      String(repeating: "[", count: 10_000),
    ] {
      #expect(code(text) == .bodyMalformed, "\(text.prefix(20))")
    }
    var latin = Array(good.utf8)
    latin.insert(0xe4, at: 2)
    let failure = #expect(throws: RekorFailure.self) {
      _ = try EntryBody(
        of: LogEntry(
          place: "$", logIndex: 1, logID: [], kindVersion: nil, integratedTime: nil, promise: nil, proof: nil,
          canonicalizedBody: latin))
    }
    #expect(failure?.code == .bodyMalformed)
  }

  @Test("case 8: the kind that the bundle states is compared letter by letter")
  func kinds() {
    let text = Self.good.rendered
    #expect(code(text, says: LogEntry.KindVersion(kind: "hashedrekord", version: "0.0.1")) == nil)
    for (kind, version) in [
      ("Hashedrekord", "0.0.1"), ("hashedrekord", "0.0.10"), ("hashedrekord", "0.0.01"), ("hashedrekord ", "0.0.1"),
      ("", ""), ("0.0.1", "hashedrekord"),
    ] {
      #expect(code(text, says: LogEntry.KindVersion(kind: kind, version: version)) == .bodyKindMismatch)
    }
    // A kind that is not accepted is named before its body is looked at.
    #expect(code("{\"kind\":\"rekord\",\"apiVersion\":\"0.0.1\"}") == .bodyUnsupported)
    #expect(code("kind", .text("hashedRekord")) == .bodyUnsupported)
    #expect(code("apiVersion", .text("0.0.3")) == .bodyUnsupported)
  }
}
