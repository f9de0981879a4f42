import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Loose files")
struct LooseFileTests {
  private let material: SignedMaterial

  init() {
    var world = VirtualSigstore()
    material = world.sign(Array("x".utf8))
  }

  @Test("case 43: a signature as base64, with white space around it, or raw")
  func signatures() throws {
    let text = material.looseSignature
    for file in [text, text + [0x0a], [0x20, 0x0d, 0x0a] + text + [0x0d, 0x0a], material.signature] {
      #expect(try LooseFile.signature(file) == material.signature)
    }
  }

  @Test("case 43: what is no signature")
  func badSignatures() {
    for (file, code) in [
      ([], .signatureEmpty), ([0x0a, 0x20], .signatureEmpty), (Array("<html>Not Found</html>".utf8), .base64),
      (material.looseSignature.dropLast(), .base64),
      (Array(material.looseSignature.prefix(20)) + [0x0a] + material.looseSignature.dropFirst(20), .base64),
      ([UInt8](repeating: 0xff, count: 3000), .tooLarge), ([UInt8](repeating: 0x41, count: 300_000), .tooLarge),
    ] as [([UInt8], BundleCode)] {
      let failure = #expect(throws: BundleFailure.self) { _ = try LooseFile.signature(file) }
      #expect(failure?.code == code)
    }
  }

  @Test("cases 45 and 83: a certificate as PEM or as base64 of PEM")
  func certificates() throws {
    let pem = Array(material.verifier.pem.utf8)
    let crlf = Array(material.verifier.pem.replacing("\n", with: "\r\n").utf8)
    for file in [pem, material.looseCertificate, material.looseCertificate + [0x0a], crlf, [0x0a] + pem] {
      #expect(try LooseFile.certificate(file) == material.verifier.der)
    }
  }

  @Test("case 45: several, none, a private key, junk")
  func badCertificates() {
    let pem = material.verifier.pem
    for text in [
      "", "\n", "junk\n" + pem, pem + "junk", pem + pem, Encoding.pem("PRIVATE KEY", [1]),
      Encoding.pem("EC PRIVATE KEY", [1]) + pem,
      Encoding.pem("PUBLIC KEY", [1]), "QUJD", pem.replacing("END CERTIFICATE", with: "END X"),
      String(pem.dropLast(20)),
    ] {
      let failure = #expect(throws: BundleFailure.self, "\(text.prefix(30))") {
        _ = try LooseFile.certificate(Array(text.utf8))
      }
      #expect(failure?.code == .certificate)
    }
    for text in ["", pem, Encoding.pem("PRIVATE KEY", [1]), Encoding.pem("PUBLIC KEY", [1]) + pem] {
      let failure = #expect(throws: BundleFailure.self) { _ = try LooseFile.publicKey(Array(text.utf8)) }
      #expect(failure?.code == .key)
    }
  }

  @Test("case 6: beside a bundle, equal bytes are accepted in any encoding, and others refused")
  func agreement() throws {
    let bundle = try Bundle(parsing: material.bundle().bytes)
    let pem = Array(material.verifier.pem.utf8)
    for (signature, certificate) in [
      (material.looseSignature, material.looseCertificate), (material.signature, pem), (nil, pem),
      (material.signature, nil),
      (nil, nil),
    ] as [([UInt8]?, [UInt8]?)] {
      #expect(throws: Never.self) { try bundle.checkAgreement(looseSignature: signature, certificate: certificate) }
    }
    let stranger = Array(Encoding.pem("CERTIFICATE", [1, 2, 3]).utf8)
    for (signature, certificate) in [([1, 2, 0xff], nil), (nil, stranger), (material.signature, stranger)]
      as [([UInt8]?, [UInt8]?)]
    {
      let failure = #expect(throws: BundleFailure.self) {
        try bundle.checkAgreement(looseSignature: signature, certificate: certificate)
      }
      #expect(failure?.code == .disagreesWithBundle)
    }
  }
}
