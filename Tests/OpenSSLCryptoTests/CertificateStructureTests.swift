import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Structure of certificates")
struct CertificateStructureTests {
  typealias D = DERWriter
  typealias Parts = CertificateParts

  @Test("its fields are read as they stand")
  func fields() throws {
    let other = Parts.extension("1.2.3", [1, 2, 3])
    var parts = Parts()
    parts.serial = D.integer([0x80, 0x01])
    parts.subject = D.name(commonName: "s")
    parts.extensions.append(other)
    let structure = try CertificateStructure(der: parts.encoding)
    #expect(structure.serialNumber == [0x00, 0x80, 0x01])
    #expect(structure.issuer == parts.issuer)
    #expect(structure.subject == parts.subject)
    #expect(structure.notBefore == UnixTime(seconds: 1000))
    #expect(structure.notAfter == UnixTime(seconds: 2000))
    #expect(structure.subjectPublicKeyInfo == parts.subjectPublicKeyInfo)
    #expect(structure.extensions.map(\.identifier) == ["2.5.29.15", "1.2.3"])
    #expect(structure.extensions.map(\.isCritical) == [true, false])
    #expect(structure.extensions.map(\.value) == [[0x03, 0x02, 0x07, 0x80], [1, 2, 3]])
    #expect(structure.extensions.map { Array($0.encoding) } == parts.extensions)
    #expect(Array(structure.fieldsBeforeExtensions) == parts.fieldsBeforeExtensions)
    #expect(structure.extension("1.2.3")?.value == [1, 2, 3])
    #expect(structure.extension("1.2.4") == nil)
  }

  /// What is done to a certificate that is read without it.
  struct Damage: Sendable, CustomStringConvertible {
    let description: String
    let change: @Sendable (inout CertificateParts) -> Void
    init(_ description: String, _ change: @escaping @Sendable (inout CertificateParts) -> Void) {
      self.description = description
      self.change = change
    }
  }

  static let damages = [
    Damage("v1, by leaving the version out") { $0.version = [] },
    Damage("v1") { $0.version = D.element(0xa0, D.integer(0)) },
    Damage("v2") { $0.version = D.element(0xa0, D.integer(1)) },
    Damage("v4") { $0.version = D.element(0xa0, D.integer(3)) },
    Damage("a version of two bytes") { $0.version = D.element(0xa0, [0x02, 0x02, 0x00, 0x02]) },
    Damage("a version of 2^64 + 2") { $0.version = D.element(0xa0, D.integer([1, 0, 0, 0, 0, 0, 0, 0, 2])) },
    Damage("two versions") { $0.version = D.element(0xa0, D.integer(2) + D.integer(2)) },
    Damage("a version without its tag") { $0.version = D.integer(2) },
    Damage("no serial number") { $0.serial = [] },
    Damage("a serial number that is none") { $0.serial = D.octets([1]) },
    Damage("another algorithm outside") { $0.outerAlgorithm = D.sequence(D.identifier("1.2.840.10045.4.3.3")) },
    Damage("the same algorithm outside, with NULL") {
      $0.outerAlgorithm = D.sequence(D.identifier("1.2.840.10045.4.3.2"), [0x05, 0x00])
    },
    Damage("no algorithm inside") {
      $0.outerAlgorithm = $0.algorithm
      $0.algorithm = []
    },
    Damage("an issuer that is no name") { $0.issuer = D.utf8("issuer") },
    Damage("a subject that is no name") { $0.subject = D.set() },
    Damage("one time") { $0.validity = D.sequence(D.time(1000)) },
    Damage("three times") { $0.validity = D.sequence(D.time(1000), D.time(2000), D.time(3000)) },
    Damage("a time without seconds") {
      $0.validity = D.sequence(D.element(0x17, Array("2301010000Z".utf8)), D.time(2000))
    },
    Damage("a time with a fraction") {
      $0.validity = D.sequence(D.time(1000), D.element(0x18, Array("20230101000000.5Z".utf8)))
    },
    Damage("a time with an offset") {
      $0.validity = D.sequence(D.time(1000), D.element(0x17, Array("230101000000+0100".utf8)))
    },
    Damage("a time as text") { $0.validity = D.sequence(D.time(1000), D.utf8("230101000000Z")) },
    Damage("unique identifiers") { $0.uniqueIdentifiers = D.element(0x81, [0x00, 0x01]) },
    Damage("no extensions") { $0.extensionsField = [] },
    Damage("an empty wrapper around no extensions") { $0.extensionsField = D.element(0xa3, []) },
    Damage("something behind the list of extensions") {
      $0.extensionsField = D.element(0xa3, D.sequence() + [0x05, 0x00])
    },
    Damage("a set of extensions") { $0.extensionsField = D.element(0xa3, D.set()) },
    Damage("something behind the extensions") { $0.behindExtensions = [0x05, 0x00] },
    Damage("an extension twice") { $0.extensions.append($0.extensions[0]) },
    Damage("an extension twice, once critical") {
      $0.extensions += [Parts.extension("1.2.3", [1]), Parts.extension("1.2.3", [2], critical: D.boolean(true))]
    },
    Damage("an encoded default") { $0.extensions.append(Parts.extension("1.2.3", [1], critical: D.boolean(false))) },
    Damage("a truth value of 1") { $0.extensions.append(Parts.extension("1.2.3", [1], critical: [0x01, 0x01, 0x01])) },
    Damage("two truth values") {
      $0.extensions.append(Parts.extension("1.2.3", [1], critical: D.boolean(true) + D.boolean(true)))
    },
    Damage("something behind an extension's value") {
      $0.extensions.append(Parts.extension("1.2.3", [1], behind: [0x05, 0x00]))
    },
    Damage("an extension without a value") { $0.extensions.append(D.sequence(D.identifier("1.2.3"))) },
    Damage("an extension whose value is text") { $0.extensions.append(D.sequence(D.identifier("1.2.3"), D.utf8("x"))) },
    Damage("an extension without a name") { $0.extensions.append(D.sequence(D.octets([1]))) },
    Damage("an extension's name cut short") {
      $0.extensions.append(D.sequence(D.element(0x06, [0x2a, 0x86]), D.octets([1])))
    },
    Damage("a signature with unused bits") { $0.signature = D.element(0x03, [4, 0x10]) },
    Damage("a signature that is no BIT STRING") { $0.signature = D.octets([1]) },
    Damage("no signature") { $0.signature = [] },
    Damage("something behind the signature") { $0.behindSignature = [0x05, 0x00] },
    Damage("something behind the certificate") { $0.behind = [0x00] },
    Damage("a second certificate") { $0.behind = Parts().encoding },
  ]

  @Test("what is in no order, left over or left out is refused", arguments: damages)
  func malformed(damage: Damage) {
    #expect(Parts.failure { _ in } == nil)
    #expect(Parts.failure(damage.change) == .certificateMalformed)
  }

  @Test("what only looks odd is read")
  func accepted() {
    #expect(Parts.failure { $0.extensions = [] } == nil)
    #expect(Parts.failure { $0.extensions.append(Parts.extension("1.2.3", [], critical: D.boolean(true))) } == nil)
    #expect(
      Parts.failure { $0.validity = D.sequence(D.time(1000), D.element(0x18, Array("99991231235959Z".utf8))) } == nil)
    #expect(Parts.failure { $0.validity = D.sequence(D.time(2000), D.time(1000)) } == nil)
    #expect(Parts.failure { $0.signature = D.bits([]) } == nil)
  }

  @Test("every shorter text of a certificate is refused")
  func cutShort() {
    let der = Parts().encoding
    for count in 0..<der.count { #expect(Parts.failure(Array(der.prefix(count))) == .certificateMalformed) }
  }

  @Test("case 41: lengths of BER are refused")
  func lengths() throws {
    let der = Parts().encoding
    #expect(der.starts(with: [0x30, 0x81]))
    let contents = der.dropFirst(3)
    let indefinite = [0x30, 0x80] + contents + [0x00, 0x00]
    let padded = [0x30, 0x82, 0x00] + der.dropFirst(2)
    let huge = [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff] + contents
    for encoding in [indefinite, padded, huge] { #expect(Parts.failure(encoding) == .certificateMalformed) }
  }

  @Test("case 41: ten thousand levels of nesting take no stack")
  func depth() {
    #expect(Parts.failure([UInt8](repeating: 0x30, count: 10_000)) == .certificateMalformed)
    var nested: [UInt8] = []
    for _ in 0..<10_000 { nested = nested.count < 30_000 ? D.element(0x30, nested) : nested }
    #expect(Parts.failure { $0.issuer = nested } == .certificateMalformed)
  }

  @Test("a certificate has 64 extensions at most")
  func extensionCount() {
    for (count, isAccepted) in [(64, true), (65, false)] {
      let failure = Parts.failure { parts in
        parts.extensions = (0..<count).map { Parts.extension("1.2.3.\($0)", [5, 0]) }
      }
      #expect(failure == (isAccepted ? nil : .certificateMalformed), "\(count)")
    }
  }

  @Test("a certificate has 64 KB at most")
  func size() throws {
    func certificate(_ filler: Int) -> [UInt8] {
      Parts.with { $0.extensions.append(Parts.extension("1.2.3", [UInt8](repeating: 7, count: filler))) }
    }
    let overhead = certificate(60_000).count - 60_000
    let largest = certificate(65_536 - overhead)
    #expect(largest.count == 65_536)
    #expect(Parts.failure(largest) == nil)
    #expect(Parts.failure(certificate(65_537 - overhead)) == .certificateMalformed)
  }

  @Test("a key that is not accepted makes the certificate unacceptable, before libcrypto decodes it")
  func keys() {
    let rsa = VirtualKey(.rsa1024, seed: "").subjectPublicKeyInfo
    #expect(Parts.failure { $0.subjectPublicKeyInfo = rsa } == .keyUnsupported)
    let point = Array(Parts.key.subjectPublicKeyInfo.suffix(65))
    let explicit = D.sequence(
      D.sequence(D.identifier("1.2.840.10045.2.1"), D.sequence(D.integer(1))), D.bits(point))
    #expect(Parts.failure { $0.subjectPublicKeyInfo = explicit } == .keyUnsupported)
    #expect(Parts.failure { $0.subjectPublicKeyInfo[$0.subjectPublicKeyInfo.count - 1] ^= 1 } == .keyMalformed)
    #expect(Parts.failure { $0.subjectPublicKeyInfo = D.sequence() } == .keyMalformed)
  }
}
