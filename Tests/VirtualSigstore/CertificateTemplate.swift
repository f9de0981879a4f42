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

  /// An extension of Fulcio's arc: 1 to 6 hold bare text, the later ones a DER UTF8String.
  public static func fulcio(_ number: Int, _ text: String) -> VirtualExtension {
    VirtualExtension(
      "1.3.6.1.4.1.57264.1.\(number)", number <= 6 ? Array(text.utf8) : DERWriter.utf8(text))
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
  public var serial: UInt64 = 1
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
      DERWriter.element(0xa0, DERWriter.integer(2)), DERWriter.integer(serial), key.signatureAlgorithm, issuer,
      DERWriter.sequence(DERWriter.time(notBefore), DERWriter.time(notAfter)), subject, subjectPublicKeyInfo,
      DERWriter.element(0xa3, DERWriter.element(0x30, extensions.flatMap(\.encoding))))
  }

  public func signed(issuer: [UInt8], key: VirtualKey) -> [UInt8] {
    let body = body(issuer: issuer, key: key)
    return DERWriter.sequence(body, key.signatureAlgorithm, DERWriter.bits(key.sign(body)))
  }
}
