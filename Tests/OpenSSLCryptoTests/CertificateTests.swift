import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Certificates")
struct CertificateTests {
  private let key = VirtualKey(.p256, seed: "c")

  private func template(_ extensions: [VirtualExtension] = [.keyUsage([0])]) -> CertificateTemplate {
    var template = CertificateTemplate(notBefore: 1000, notAfter: 2000, subjectPublicKeyInfo: key.subjectPublicKeyInfo)
    template.extensions = extensions
    return template
  }

  private func failure(_ der: [UInt8]) -> CryptoFailure.Kind? {
    do throws(CryptoFailure) {
      _ = try Certificate(der: der)
      return nil
    } catch { return error.kind }
  }

  @Test("its fields are read")
  func fields() throws {
    let name = DERWriter.name(organization: "o", commonName: "c")
    let der = template([
      .basicConstraints(isAuthority: true, pathLength: 3), .keyUsage([0, 5]),
      .extendedKeyUsage(["1.2.3"], isCritical: true),
    ])
    .signed(issuer: name, key: key)
    let certificate = try Certificate(der: der)
    #expect(certificate.structure.notBefore == UnixTime(seconds: 1000))
    #expect(certificate.structure.notAfter == UnixTime(seconds: 2000))
    #expect(certificate.structure.issuer == name)
    #expect(certificate.structure.subjectPublicKeyInfo == key.subjectPublicKeyInfo)
    #expect(certificate.profile.isAuthority)
    #expect(certificate.profile.pathLength == 3)
    #expect(certificate.profile.keyUsage == [.digitalSignature, .keyCertSign])
    #expect(certificate.profile.extendedKeyUsage == ["1.2.3"])
    #expect(certificate.profile.isExtendedKeyUsageCritical)
    #expect(certificate.issuerText == "O=o, CN=c")
  }

  @Test("what follows it, what is cut off, and what is in no order is refused")
  func malformed() {
    let der = template().signed(issuer: DERWriter.name(), key: key)
    #expect(failure(der) == nil)
    #expect(failure(der + [0]) == .certificateMalformed)
    #expect(failure([]) == .certificateMalformed)
    for count in stride(from: 1, to: der.count, by: 11) {
      #expect(failure(Array(der.prefix(count))) == .certificateMalformed)
    }
    #expect(failure([UInt8](repeating: 0x30, count: 70_000)) == .certificateMalformed)
    let body = template().body(issuer: DERWriter.name(), key: key)
    let otherAlgorithm = DERWriter.sequence(DERWriter.identifier("1.2.840.10045.4.3.3"))
    let signature = DERWriter.bits(key.sign(body))
    #expect(failure(DERWriter.sequence(body, otherAlgorithm, signature)) == .certificateMalformed)
  }

  @Test("an extension twice, an encoded default, and named bits not in their shortest form are refused")
  func extensions() {
    let usage = VirtualExtension.keyUsage([0])
    #expect(failure(template([usage, usage]).signed(issuer: DERWriter.name(), key: key)) == .certificateMalformed)
    let loose = VirtualExtension("2.5.29.15", isCritical: true, [0x03, 0x02, 0x00, 0x80])
    #expect(failure(template([loose]).signed(issuer: DERWriter.name(), key: key)) == .certificateMalformed)
    let many = (0..<65).map { VirtualExtension("1.2.3.\($0)", [5, 0]) }
    #expect(failure(template(many).signed(issuer: DERWriter.name(), key: key)) == .certificateMalformed)
  }

  @Test("a key that is not accepted makes the certificate unacceptable, before libcrypto decodes it")
  func refusedKey() {
    var template = template()
    template.subjectPublicKeyInfo = VirtualKey(.rsa1024, seed: "").subjectPublicKeyInfo
    #expect(failure(template.signed(issuer: DERWriter.name(), key: key)) == .keyUnsupported)
  }

  @Test("digests of known messages")
  func hashing() throws {
    #expect(
      try Hex.encode(sha256(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try digest(.sha384, of: []).bytes.prefix(4) == [0x38, 0xb0, 0x60, 0xa7])
    let hasher = try StreamHasher([.sha256, .sha512])
    try hasher.update(Array("a".utf8))
    try hasher.update(Array("bc".utf8))
    #expect(try hasher.finish(.sha256) == digest(.sha256, of: Array("abc".utf8)))
    #expect(try hasher.finish(.sha512) == digest(.sha512, of: Array("abc".utf8)))
    #expect(throws: CryptoFailure.self) { _ = try hasher.finish(.sha384) }
  }
}
