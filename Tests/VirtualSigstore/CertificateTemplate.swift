/// An extension as it goes into a certificate; any bytes may be a value.
public struct VirtualExtension: Sendable {
  public var identifier: String
  public var isCritical: Bool
  public var value: [UInt8]

  public init(_ identifier: String, isCritical: Bool = false, _ value: [UInt8]) {
    self.identifier = identifier
    self.isCritical = isCritical
    self.value = value
  }

  var encoding: [UInt8] {
    DERWriter.sequence(
      DERWriter.identifier(identifier), isCritical ? DERWriter.boolean(true) : [], DERWriter.octets(value))
  }

  public static func basicConstraints(isAuthority: Bool, pathLength: UInt64? = nil) -> VirtualExtension {
    VirtualExtension(
      "2.5.29.19", isCritical: true,
      DERWriter.sequence(
        isAuthority ? DERWriter.boolean(true) : [], pathLength.map { DERWriter.integer($0) } ?? []))
  }

  /// - Parameter bits: numbers of RFC 5280, 4.2.1.3; 0 is digitalSignature, 5 keyCertSign.
  public static func keyUsage(_ bits: [Int]) -> VirtualExtension {
    let byte = bits.reduce(UInt8(0)) { $0 | (0x80 >> UInt8($1)) }
    return VirtualExtension(
      "2.5.29.15", isCritical: true, DERWriter.element(0x03, [UInt8(byte.trailingZeroBitCount & 7), byte]))
  }

  public static func extendedKeyUsage(_ purposes: [String], isCritical: Bool = false) -> VirtualExtension {
    VirtualExtension(
      "2.5.29.37", isCritical: isCritical,
      DERWriter.element(0x30, purposes.flatMap { DERWriter.identifier($0) }))
  }

  public static func alternativeNames(_ names: [AlternativeName], isCritical: Bool = true) -> VirtualExtension {
    VirtualExtension(
      "2.5.29.17", isCritical: isCritical, DERWriter.element(0x30, names.flatMap { $0.encoding }))
  }

  /// RFC 5280, 4.2.1.2.
  public static func subjectKeyIdentifier(_ subjectPublicKeyInfo: [UInt8]) -> VirtualExtension {
    VirtualExtension("2.5.29.14", DERWriter.octets(keyIdentifier(subjectPublicKeyInfo)))
  }

  /// RFC 5280, 4.2.1.1, for the issuer's key.
  public static func authorityKeyIdentifier(_ subjectPublicKeyInfo: [UInt8]) -> VirtualExtension {
    VirtualExtension(
      "2.5.29.35", DERWriter.sequence(DERWriter.element(0x80, keyIdentifier(subjectPublicKeyInfo))))
  }

  /// Any bytes will do, if only subject and issuer agree.
  private static func keyIdentifier(_ subjectPublicKeyInfo: [UInt8]) -> [UInt8] {
    Array(HashName.sha256(subjectPublicKeyInfo).prefix(20))
  }

  /// RFC 5280, 4.2.1.10: the only URI hosts that may stand below this authority.
  public static func permittedHosts(_ hosts: [String]) -> VirtualExtension {
    let trees = hosts.flatMap { DERWriter.sequence(DERWriter.element(0x86, Array($0.utf8))) }
    return VirtualExtension("2.5.29.30", isCritical: true, DERWriter.sequence(DERWriter.element(0xa0, trees)))
  }

  /// What tells a precertificate from a certificate (RFC 6962, 3.1).
  public static var poison: VirtualExtension {
    VirtualExtension("1.3.6.1.4.1.11129.2.4.3", isCritical: true, [0x05, 0x00])
  }

  /// SCTs, each as the log made it (RFC 6962, 3.3).
  ///
  /// - Parameter leftover: bytes after the last one, inside the list.
  public static func timestamps(_ list: [[UInt8]], leftover: [UInt8] = []) -> VirtualExtension {
    let items = list.flatMap { Encoding.bigEndian(UInt64($0.count), 2) + $0 } + leftover
    return VirtualExtension(
      "1.3.6.1.4.1.11129.2.4.2", DERWriter.octets(Encoding.bigEndian(UInt64(items.count), 2) + items))
  }

  public enum TextForm: Sendable {
    case bare, utf8String
  }

  /// An extension of Fulcio's arc: 1 to 6 hold bare text, the later ones a DER UTF8String, unless `form` says otherwise.
  public static func fulcio(_ number: Int, _ text: String, as form: TextForm? = nil) -> VirtualExtension {
    let isBare = (form ?? (number <= 6 ? .bare : .utf8String)) == .bare
    return VirtualExtension("1.3.6.1.4.1.57264.1.\(number)", isBare ? Array(text.utf8) : DERWriter.utf8(text))
  }
}

public enum AlternativeName: Sendable {
  case uri(String), email(String), dns(String)
  case other(type: String, text: String)
  case raw([UInt8])

  var encoding: [UInt8] {
    switch self {
    case .uri(let text): DERWriter.element(0x86, Array(text.utf8))
    case .email(let text): DERWriter.element(0x81, Array(text.utf8))
    case .dns(let text): DERWriter.element(0x82, Array(text.utf8))
    case .other(let type, let text):
      DERWriter.element(0xa0, DERWriter.identifier(type) + DERWriter.element(0xa0, DERWriter.utf8(text)))
    case .raw(let bytes): bytes
    }
  }
}

/// Everything that goes into a certificate, each field free to be wrong.
public struct CertificateTemplate: Sendable {
  /// As it is encoded: 2 says v3.
  public var version: UInt64 = 2
  public var serial: UInt64 = 1
  /// Put in place of the hash that belongs to the issuer's key.
  public var hash: HashName?
  /// DER Name.
  public var subject: [UInt8] = DERWriter.name()
  /// Unix seconds.
  public var notBefore: Int64
  public var notAfter: Int64
  public var subjectPublicKeyInfo: [UInt8]
  public var extensions: [VirtualExtension] = []

  public init(notBefore: Int64, notAfter: Int64, subjectPublicKeyInfo: [UInt8]) {
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.subjectPublicKeyInfo = subjectPublicKeyInfo
  }

  /// The TBSCertificate.
  public func body(issuer: [UInt8], key: VirtualKey) -> [UInt8] {
    DERWriter.sequence(
      DERWriter.element(0xa0, DERWriter.integer(version)), DERWriter.integer(serial), key.signatureAlgorithm(hash),
      issuer,
      DERWriter.sequence(DERWriter.time(notBefore), DERWriter.time(notAfter)), subject, subjectPublicKeyInfo,
      DERWriter.element(0xa3, DERWriter.element(0x30, extensions.flatMap(\.encoding))))
  }

  public func signed(issuer: [UInt8], key: VirtualKey) -> [UInt8] {
    let body = body(issuer: issuer, key: key)
    return DERWriter.sequence(body, key.signatureAlgorithm(hash), DERWriter.bits(key.sign(body, hash: hash)))
  }
}
