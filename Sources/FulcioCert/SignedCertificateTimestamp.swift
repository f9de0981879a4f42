import OpenSSLCrypto
import WireCoding

/// RFC 6962, 3.2, for an SCT of version v1:
///
///     struct { Version sct_version; LogID id; uint64 timestamp; CtExtensions extensions;
///              digitally-signed struct { HashAlgorithm hash; SignatureAlgorithm signature; opaque signature<0..2^16-1>; }; }
///
/// Extensions are signed, so they are kept byte for byte; none is understood here.
package struct SignedCertificateTimestamp: Sendable, Hashable {
  package static let listExtension = "1.3.6.1.4.1.11129.2.4.2"
  static let poison = "1.3.6.1.4.1.11129.2.4.3"
  /// Real leaves carry one.
  static let maximumCount = 64

  enum Algorithm: Sendable, Hashable { case rsa, ecdsa }

  package let logID: [UInt8]
  /// Milliseconds since 1970.
  package let timestamp: UInt64
  let extensions: [UInt8]
  let algorithm: Algorithm
  let signature: [UInt8]

  /// The list in a certificate extension (RFC 6962, 3.3): an OCTET STRING in the extension's own OCTET STRING, holding
  /// `SerializedSCT sct_list<1..2^16-1>`.
  package static func list(fromExtension value: [UInt8]) throws(FulcioFailure) -> [SignedCertificateTimestamp] {
    do throws(CodingFailure) {
      var outer = DERReader(value)
      let octets = try outer.read(DERTag.octetString).octets()
      try outer.finish()
      var reader = TLSReader(octets)
      var list = TLSReader(try reader.opaque16())
      try reader.finish()
      var found: [SignedCertificateTimestamp] = []
      while !list.isAtEnd {
        guard found.count < maximumCount else { throw CodingFailure(.tooMany, "more than \(maximumCount) SCTs") }
        found.append(try SignedCertificateTimestamp(try list.opaque16()))
      }
      return found
    } catch {
      throw FulcioFailure(.sctMalformed, error.detail)
    }
  }

  private init(_ bytes: ArraySlice<UInt8>) throws(CodingFailure) {
    var reader = TLSReader(bytes)
    guard try reader.uint8() == 0 else { throw CodingFailure(.tls, "SCT version is not v1") }
    logID = Array(try reader.bytes(32))
    timestamp = try reader.uint64()
    extensions = Array(try reader.opaque16())
    guard try reader.uint8() == 4 else { throw CodingFailure(.tls, "SCT hash algorithm is not SHA-256") }
    switch try reader.uint8() {
    case 1: algorithm = .rsa
    case 3: algorithm = .ecdsa
    default: throw CodingFailure(.tls, "SCT signature algorithm is neither RSA nor ECDSA")
    }
    signature = Array(try reader.opaque16())
    try reader.finish()
  }

  /// What the log signed (RFC 6962, 3.2, `precert_entry`).
  func signedData(issuerKeyHash: [UInt8], precertificate: [UInt8]) -> [UInt8] {
    var data: [UInt8] = [0, 0]
    data.reserveCapacity(precertificate.count + extensions.count + 50)
    data += bigEndian(timestamp, 8)
    data += [0, 1]
    data += issuerKeyHash
    // The certificate was read under a limit of 64 KiB, so both lengths fit.
    data += bigEndian(UInt64(precertificate.count), 3) + precertificate
    data += bigEndian(UInt64(extensions.count), 2) + extensions
    return data
  }

  private func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}

extension CertificateStructure {
  /// The TBSCertificate as the CT log signed it: without the SCT list, every other byte as it stands (RFC 6962, 3.2).
  var precertificate: [UInt8] {
    let kept = extensions.filter { $0.identifier != SignedCertificateTimestamp.listExtension }
    let list = DER.encode(DERTag.sequence, kept.flatMap { Array($0.encoding) })
    return DER.encode(
      DERTag.sequence, Array(fieldsBeforeExtensions) + DER.encode(DERTag.context(3, constructed: true), list))
  }
}
