import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Certificates")
struct CertificateTests {
  typealias D = DERWriter
  typealias Parts = CertificateParts

  @Test("a certificate keeps its bytes, its key and its life")
  func values() throws {
    let der = Parts().encoding
    let certificate = try Certificate(der: der)
    #expect(certificate.der == der)
    #expect(certificate.publicKey.subjectPublicKeyInfo == Parts.key.subjectPublicKeyInfo)
    #expect(certificate.publicKey.algorithm == .p256)
    #expect(certificate.validity == TimeWindow(start: UnixTime(seconds: 1000), end: UnixTime(seconds: 2000)))
    let signature = Parts.key.sign([1, 2, 3])
    #expect(try certificate.publicKey.isValid(signature: signature, overMessage: [1, 2, 3], scheme: .ecdsa(.sha256)))
    #expect(try !certificate.publicKey.isValid(signature: signature, overMessage: [1, 2], scheme: .ecdsa(.sha256)))
  }

  @Test("a certificate is self-issued where both names have the same bytes")
  func selfIssued() throws {
    let name = D.name(organization: "o", commonName: "c")
    let others = [D.name(organization: "o", commonName: "C"), D.name()]
    #expect(try Certificate(der: Parts.with { $0.subject = name }).isSelfIssued)
    for subject in others { #expect(try !Certificate(der: Parts.with { $0.subject = subject }).isSelfIssued) }
  }

  @Test("names are one line for people, with controls and foreign letters escaped")
  func names() throws {
    for (name, text) in [
      (D.name(organization: "o", commonName: "c"), "O=o, CN=c"), (D.name(), ""),
      (D.name(commonName: "a\nb\u{1b}[31m"), "CN=a\\0Ab\\1B[31m"), (D.name(commonName: "\u{e9}"), "CN=\\E9"),
    ] {
      let certificate = try Certificate(
        der: Parts.with {
          $0.subject = name
          $0.issuer = name
        })
      #expect(certificate.subjectText == text)
      #expect(certificate.issuerText == text)
    }
    let name = D.name(commonName: String(repeating: "x", count: 20_000))
    let long = try Certificate(der: Parts.with { $0.subject = name })
    #expect(long.subjectText.hasPrefix("CN=xxx"))
    #expect(long.subjectText.utf8.count <= 1024)
  }

  @Test(
    "extensions that libcrypto itself cannot read make the certificate unacceptable",
    arguments: [("2.5.29.19", false), ("2.5.29.17", false), ("2.5.29.35", false), ("1.2.3", true)])
  func unreadableExtensions(identifier: String, isAccepted: Bool) {
    let failure = Parts.failure { $0.extensions.append(Parts.extension(identifier, [0x30, 0x05])) }
    #expect(failure == (isAccepted ? nil : .certificateMalformed))
  }

  @Test("a broken certificate gives an error or a certificate, and never a trap")
  func mutation() {
    let good = VirtualSigstore().fulcio.issue(VirtualSigstore().leafRequest())
    #expect(Parts.failure(good) == nil)
    var (refused, state) = (0, UInt64(31))
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<2000 {
      var bytes = good
      let index = random(bytes.count)
      switch random(3) {
      case 0: bytes[index] = UInt8(random(256))
      case 1: bytes.insert(UInt8(random(256)), at: index)
      default: bytes.remove(at: index)
      }
      if Parts.failure(bytes) != nil { refused += 1 }
    }
    #expect(refused > 1000)
    #expect(refused < 2000)
  }
}
