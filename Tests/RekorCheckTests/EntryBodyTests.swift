import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Entry bodies")
struct EntryBodyTests {
  private let world = LogWorld()

  private func logged(_ body: String, kind: String = "hashedrekord", version: String = "0.0.1") -> LogEntry {
    LogEntry(
      place: "$", logIndex: 1, logID: [], kindVersion: .init(kind: kind, version: version), integratedTime: nil,
      promise: nil, proof: nil, canonicalizedBody: Array(body.utf8))
  }

  private var good: String { String(decoding: world.material.body, as: UTF8.self) }

  private func code(_ entry: LogEntry) -> RekorCode? {
    do throws(RekorFailure) {
      _ = try EntryBody(of: entry)
      return nil
    } catch { return error.code }
  }

  @Test("a genuine body names digest, signature and certificate")
  func accepted() throws {
    let body = try EntryBody(of: logged(good))
    #expect(body.subject.digest.bytes == world.material.hash(world.material.artifact))
    #expect(body.signature == world.material.signature)
    #expect(body.verifier == .certificate(world.material.verifier.der))
  }

  @Test("case 8: kinds and versions off the list, and a kind that is not the body's")
  func kinds() {
    #expect(code(logged(good, kind: "dsse")) == .bodyKindMismatch)
    #expect(code(logged(good, version: "0.0.2")) == .bodyKindMismatch)
    for (kind, version) in [("dsse", "0.0.3"), ("intoto", "0.0.3"), ("hashedrekord", "0.0.3"), ("rekord", "0.0.1")] {
      let body = good.replacing("\"hashedrekord\"", with: "\"\(kind)\"").replacing("\"0.0.1\"", with: "\"\(version)\"")
      #expect(code(logged(body, kind: kind, version: version)) == .bodyUnsupported)
    }
  }

  @Test("a body that is not what the kind asks for is malformed")
  func malformed() {
    let digest = Encoding.hex(world.material.hash(world.material.artifact))
    for body in [
      "", "{", "[]", good + " x", good.replacing("\"sha256\"", with: "\"sha1\""), good.replacing(digest, with: "00"),
      good.replacing(digest, with: digest.dropLast(1) + "g"),
      good.replacing("\"content\":\"M", with: "\"content\":\"!"),
      good.replacing("\"spec\"", with: "\"sp\""), good.replacing("\"kind\"", with: "\"kind\":\"x\",\"kind\""),
      good.replacing(Encoding.base64(Array(world.material.verifier.pem.utf8)), with: Encoding.base64([1, 2, 3])),
      good.replacing(
        Encoding.base64(Array(world.material.verifier.pem.utf8)),
        with: Encoding.base64(Array((world.material.verifier.pem + world.material.verifier.pem).utf8))),
      good.replacing(
        Encoding.base64(Array(world.material.verifier.pem.utf8)),
        with: Encoding.base64(Array(Encoding.pem("PRIVATE KEY", [1]).utf8))),
    ] {
      #expect(code(logged(body)) == .bodyMalformed, "\(body.prefix(120))")
    }
  }

  @Test("cases 1 to 4: an entry of another digest, signature or key is refused, each by its own code")
  func binding() throws {
    let logged = try #require(try verifyLogEntries(of: world.bundle(), logs: [try world.log()]).verified.first)
    let material = world.material
    let digest = try #require(Digest(.sha256, material.hash(material.artifact)))
    let certificate = EntryBody.Verifier.certificate(material.verifier.der)
    func bind(_ digest: Digest, _ signature: [UInt8], _ verifier: EntryBody.Verifier) throws(RekorFailure) {
      _ = try logged.bind(
        SignatureFacts(
          content: .message(MessageSignature(signature: signature, digest: nil)), digest: digest,
          scheme: .ecdsa(.sha256), key: .p256, verifier: verifier))
    }
    #expect(throws: Never.self) { try bind(digest, material.signature, certificate) }
    let other = try #require(Digest(.sha256, [UInt8](repeating: 1, count: 32)))
    let wide = try #require(Digest(.sha512, [UInt8](repeating: 1, count: 64)))
    let cases: [(Digest, [UInt8], EntryBody.Verifier, RekorCode)] = [
      (other, material.signature, certificate, .bodyDigestMismatch),
      (wide, material.signature, certificate, .bodyDigestMismatch),
      (digest, [1], certificate, .bodySignatureMismatch),
      (digest, material.signature, .certificate([1]), .bodyKeyMismatch),
      (digest, material.signature, .publicKey(material.verifier.der), .bodyKeyMismatch),
    ]
    for (digest, signature, verifier, code) in cases {
      let failure = #expect(throws: RekorFailure.self) {
        try bind(digest, signature, verifier)
      }
      #expect(failure?.code == code)
    }
  }
}
