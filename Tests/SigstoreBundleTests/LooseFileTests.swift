import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Loose files")
struct LooseFileTests {
  private static let material = BundleDraft.material
  private static let pem = material.verifier.pem

  private func failure<T>(_ read: () throws(BundleFailure) -> T) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try read()
      return nil
    } catch { return error }
  }

  // MARK: Signatures

  @Test("case 43: a signature as base64, with white space around it, or raw")
  func signatures() throws {
    let text = Self.material.looseSignature
    for file in [
      text, text + [0x0a], text + [0x0d, 0x0a], [0x20, 0x0d, 0x0a] + text + [0x0d, 0x0a],
      [0x09] + text + [0x0b, 0x0c, 0x20],
      Self.material.signature,
    ] {
      #expect(try LooseFile.signature(file) == Self.material.signature)
    }
  }

  @Test("case 43: raw bytes keep the white space that they begin or end with")
  func rawSignature() throws {
    for bytes in [[0xff, 0x0a], [0x20, 0x80, 0x20], [0x0d, 0x0a, 0x00]] as [[UInt8]] {
      #expect(try LooseFile.signature(bytes) == bytes)
    }
  }

  @Test("case 43: raw bytes that are base64 by chance are read as base64")
  func ambiguousSignature() throws {
    let text = [UInt8](repeating: UInt8(ascii: "A"), count: 64)
    #expect(try LooseFile.signature(text) == [UInt8](repeating: 0, count: 48))
  }

  @Test("case 43: text that is no strict base64 is no signature")
  func brokenText() {
    let text = String(decoding: Self.material.looseSignature, as: UTF8.self)
    for broken in [
      "<html>Not Found</html>", "Not Found", "404", "{}", String(text.dropLast()), text + "=", text + text, "-_-_",
      "YR==",
      String(text.prefix(20)) + "\n" + text.dropFirst(20), String(text.prefix(20)) + " " + text.dropFirst(20),
      Encoding.pem("SIGNATURE", Self.material.signature),
    ] {
      #expect(
        failure { () throws(BundleFailure) in try LooseFile.signature(Array(broken.utf8)) }?.code == .base64,
        "\(broken)")
    }
  }

  @Test(
    "case 43: an empty file, or one of nothing but white space, is named",
    arguments: ["", "\n", " \t\r\n", "\u{b}\u{c}"])
  func emptySignature(text: String) {
    #expect(failure { () throws(BundleFailure) in try LooseFile.signature(Array(text.utf8)) }?.code == .signatureEmpty)
  }

  @Test("a signature has 2048 bytes at most, and its file 256 KB")
  func signatureSizes() {
    func code(_ file: [UInt8]) -> BundleCode? {
      failure { () throws(BundleFailure) in try LooseFile.signature(file) }?.code
    }
    for (count, expected) in [(2048, nil), (2049, .tooLarge)] as [(Int, BundleCode?)] {
      let bytes = [UInt8](repeating: 0xff, count: count)
      #expect(code(bytes) == expected)
      #expect(code(Array(Encoding.base64(bytes).utf8)) == expected)
    }
    let text = Self.material.looseSignature
    let blanks = [UInt8](repeating: 0x20, count: 256 * 1024 - text.count)
    #expect(code(blanks + text) == nil)
    #expect(code([0x20] + blanks + text) == .tooLarge)
  }

  // MARK: Certificates and keys

  @Test("cases 45 and 83: a certificate as PEM or as base64 of PEM")
  func certificates() throws {
    let bare = Array(Self.pem.utf8)
    let crlf = Array(Self.pem.replacing("\n", with: "\r\n").utf8)
    let base64 = Self.material.looseCertificate
    for file in [
      bare, crlf, Array(Self.pem.replacing("\n", with: "\n\n").utf8), [0x0a] + bare, bare + [0x0a, 0x20],
      bare.dropLast(), base64, base64 + [0x0a],
      [0x20] + base64 + [0x0d, 0x0a],
      Array(Encoding.base64(crlf).utf8),
    ] {
      #expect(try LooseFile.certificate(Array(file)) == Self.material.verifier.der)
    }
    let key = Array(Encoding.pem("PUBLIC KEY", [1, 2, 3]).utf8)
    #expect(try LooseFile.publicKey(key) == [1, 2, 3])
  }

  static let badCertificates = [
    "", "\n", " \r\n\t", "junk", "<html>Not Found</html>", "junk\n" + pem, pem + "junk", pem + pem, pem + "\n" + pem,
    Encoding.pem("PRIVATE KEY", [1]), Encoding.pem("PRIVATE KEY", [1]) + pem, pem + Encoding.pem("EC PRIVATE KEY", [1]),
    Encoding.pem("ENCRYPTED COSIGN PRIVATE KEY", [1]), Encoding.pem("CERTIFICATE REQUEST", [1]),
    Encoding.pem("TRUSTED CERTIFICATE", [1]),
    Encoding.pem("X509 CERTIFICATE", [1]), Encoding.pem("certificate", [1]),
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    pem.replacing("END CERTIFICATE", with: "END X"), String(pem.dropLast(20)),
    // Base64 of what is no PEM, and of base64 of PEM.
    "QUJD", Encoding.base64(material.verifier.der), Encoding.base64(material.looseCertificate),
    Encoding.base64(Array((pem + pem).utf8)),
    Encoding.base64(Array(("junk\n" + pem).utf8)), Encoding.base64(Array(("\n" + pem).utf8)),
  ]

  @Test("case 45: several, none, a private key, junk", arguments: badCertificates)
  func badCertificate(text: String) {
    let certificate = failure { () throws(BundleFailure) in try LooseFile.certificate(Array(text.utf8)) }
    #expect(certificate?.code == .certificate)
    let key = failure { () throws(BundleFailure) in try LooseFile.publicKey(Array(text.utf8)) }
    #expect(key?.code == .key)
  }

  @Test("case 45: DER without PEM around it is refused")
  func rawCertificate() {
    let der = Self.material.verifier.der
    #expect(failure { () throws(BundleFailure) in try LooseFile.certificate(der) }?.code == .certificate)
  }

  @Test("a key is no certificate, and a certificate no key")
  func otherKind() {
    let key = Array(Encoding.pem("PUBLIC KEY", [1]).utf8)
    #expect(failure { () throws(BundleFailure) in try LooseFile.certificate(key) }?.code == .certificate)
    let certificate = Array(Self.pem.utf8)
    #expect(failure { () throws(BundleFailure) in try LooseFile.publicKey(certificate) }?.code == .key)
  }

  @Test("a certificate's file has 256 KB at most")
  func certificateSize() {
    let file = Array(Self.pem.utf8)
    let blanks = [UInt8](repeating: 0x0a, count: 256 * 1024 - file.count)
    #expect(failure { () throws(BundleFailure) in try LooseFile.certificate(blanks + file) } == nil)
    #expect(
      failure { () throws(BundleFailure) in try LooseFile.certificate([0x0a] + blanks + file) }?.code == .tooLarge)
  }

  // MARK: Beside a bundle

  static let shapes = ["protobuf", "legacy"]

  private static func bundle(_ shape: String) throws -> Bundle {
    try Bundle(parsing: shape == "legacy" ? material.legacyBundle.bytes : material.bundle().bytes)
  }

  @Test("case 6: beside a bundle, equal bytes are accepted in any encoding", arguments: shapes)
  func agreement(shape: String) throws {
    let bundle = try Self.bundle(shape)
    let pem = Array(Self.pem.utf8)
    for (signature, certificate) in [
      (Self.material.looseSignature, Self.material.looseCertificate), (Self.material.signature, pem), (nil, pem),
      (Self.material.looseSignature + [0x0a], nil), (nil, nil),
    ] as [([UInt8]?, [UInt8]?)] {
      #expect(throws: Never.self) { try bundle.checkAgreement(looseSignature: signature, certificate: certificate) }
    }
  }

  @Test("case 6: beside a bundle, other bytes are refused", arguments: shapes)
  func disagreement(shape: String) throws {
    let bundle = try Self.bundle(shape)
    let (good, pem) = (Self.material.signature, Array(Self.pem.utf8))
    let changed = Array(good.dropLast()) + [(good.last ?? 0) ^ 1]
    let stranger = Array(Encoding.pem("CERTIFICATE", Self.material.verifier.der + [0]).utf8)
    for (signature, certificate, detail) in [
      (changed, nil, "signature"), (changed, pem, "signature"), (good.dropLast(), nil, "signature"),
      (nil, stranger, "certificate"), (good, stranger, "certificate"),
    ] as [([UInt8]?, [UInt8]?, String)] {
      let failure = failure { () throws(BundleFailure) in
        try bundle.checkAgreement(looseSignature: signature, certificate: certificate)
      }
      #expect(failure?.code == .disagreesWithBundle)
      #expect(failure?.detail == detail)
    }
  }

  @Test("case 6: a file beside a bundle that is none of its kind keeps its own code")
  func brokenBesideBundle() throws {
    let bundle = try Self.bundle("protobuf")
    for (signature, certificate, code) in [
      ([], nil, .signatureEmpty), (Array("no base64".utf8), nil, .base64), (nil, [], .certificate),
      (nil, Array(Encoding.pem("PUBLIC KEY", [1]).utf8), .certificate),
    ] as [([UInt8]?, [UInt8]?, BundleCode)] {
      let failure = failure { () throws(BundleFailure) in
        try bundle.checkAgreement(looseSignature: signature, certificate: certificate)
      }
      #expect(failure?.code == code)
    }
  }

  @Test("case 6: a certificate beside a bundle for a managed key is refused")
  func certificateBesideKey() throws {
    var world = VirtualSigstore()
    let bundle = try Bundle(parsing: world.sign([1], withManagedKey: VirtualKey(.p256, seed: "managed")).bundle().bytes)
    let failure = failure { () throws(BundleFailure) in
      try bundle.checkAgreement(looseSignature: nil, certificate: Array(Self.pem.utf8))
    }
    #expect(failure?.code == .disagreesWithBundle)
  }
}
