import WireCoding

/// The standard extensions that decide what a certificate may be used for (RFC 5280, 4.2.1).
public struct CertificateProfile: Sendable, Hashable {
  /// cA of BasicConstraints; false where the extension is absent.
  public let isAuthority: Bool
  public let hasBasicConstraints: Bool
  public let pathLength: Int64?
  /// Nil where the extension is absent: then nothing is restricted.
  public let keyUsage: KeyUsage?
  public let isKeyUsageCritical: Bool
  /// Object identifiers; nil where the extension is absent.
  public let extendedKeyUsage: [String]?
  public let isExtendedKeyUsageCritical: Bool

  public struct KeyUsage: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let digitalSignature = KeyUsage(rawValue: 1 << 0)
    public static let keyCertSign = KeyUsage(rawValue: 1 << 5)
  }

  public static let codeSigning = "1.3.6.1.5.5.7.3.3"
  public static let timeStamping = "1.3.6.1.5.5.7.3.8"
  static let anyUsage = "2.5.29.37.0"
  static let basicConstraints = "2.5.29.19"
  static let keyUsage = "2.5.29.15"
  static let extendedKeyUsage = "2.5.29.37"

  init(_ structure: CertificateStructure) throws(CryptoFailure) {
    do throws(CodingFailure) {
      if let constraints = structure.extension(Self.basicConstraints) {
        hasBasicConstraints = true
        (isAuthority, pathLength) = try DER.sequence(constraints.value) { (fields) throws(CodingFailure) in
          let flag = try fields.readIfPresent(DERTag.boolean)?.boolean() ?? false
          let length = try fields.readIfPresent(DERTag.integer)?.smallInteger()
          guard length.map({ $0 >= 0 }) ?? true else { throw CodingFailure(.der, "negative path length") }
          return (flag, length)
        }
      } else {
        (hasBasicConstraints, isAuthority, pathLength) = (false, false, nil)
      }
      let usage = structure.extension(Self.keyUsage)
      isKeyUsageCritical = usage?.isCritical ?? false
      if let usage {
        var reader = DERReader(usage.value)
        let bits = try reader.read(DERTag.bitString).namedBits()
        try reader.finish()
        keyUsage = KeyUsage(
          rawValue: bits.prefix(9).enumerated().reduce(0) { $1.element ? $0 | (1 << $1.offset) : $0 })
      } else {
        keyUsage = nil
      }
      let extended = structure.extension(Self.extendedKeyUsage)
      isExtendedKeyUsageCritical = extended?.isCritical ?? false
      if let extended {
        extendedKeyUsage = try DER.sequence(extended.value) { (list) throws(CodingFailure) in
          var found: [String] = []
          while !list.isAtEnd {
            guard found.count < 32 else { throw CodingFailure(.tooMany, "more than 32 key purposes") }
            found.append(try list.read(DERTag.objectIdentifier).objectIdentifier())
          }
          return found
        }
      } else {
        extendedKeyUsage = nil
      }
    } catch {
      throw CryptoFailure(.certificateMalformed, error.detail)
    }
  }

  /// For an authority: an extended key usage that is present must allow `purpose` (the nesting rule of the CA/Browser practice).
  public func mayIssue(for purpose: String) -> Bool {
    guard let extendedKeyUsage else { return true }
    return extendedKeyUsage.contains(purpose) || extendedKeyUsage.contains(Self.anyUsage)
  }
}
