import OpenSSLCrypto
import VirtualSigstore
import WireCoding

/// A certificate in parts, each free to be anything; nobody asks here who signed it.
struct CertificateParts {
  typealias D = DERWriter

  static let key = VirtualKey(.p256, seed: "certificate")
  static let usage = VirtualExtension.keyUsage([0])

  var version = D.element(0xa0, D.integer(2))
  var serial = D.integer(1)
  var algorithm = D.sequence(D.identifier("1.2.840.10045.4.3.2"))
  var issuer = D.name(organization: "o", commonName: "c")
  var validity = D.sequence(D.time(1000), D.time(2000))
  var subject = D.name()
  var subjectPublicKeyInfo = key.subjectPublicKeyInfo
  var uniqueIdentifiers: [UInt8] = []
  /// Encodings of the single ones.
  var extensions: [[UInt8]] = [
    CertificateParts.extension("2.5.29.15", [0x03, 0x02, 0x07, 0x80], critical: [0x01, 0x01, 0xff])
  ]
  /// Put in place of the whole [3] element.
  var extensionsField: [UInt8]?
  var behindExtensions: [UInt8] = []
  /// Put in place of the inner algorithm.
  var outerAlgorithm: [UInt8]?
  var signature = D.bits([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01])
  var behindSignature: [UInt8] = []
  var behind: [UInt8] = []

  static func `extension`(_ identifier: String, _ value: [UInt8], critical: [UInt8] = [], behind: [UInt8] = [])
    -> [UInt8]
  {
    D.sequence(D.identifier(identifier), critical, D.octets(value), behind)
  }

  static func with(_ change: (inout CertificateParts) -> Void) -> [UInt8] {
    var parts = CertificateParts()
    change(&parts)
    return parts.encoding
  }

  var fieldsBeforeExtensions: [UInt8] {
    version + serial + algorithm + issuer + validity + subject + subjectPublicKeyInfo + uniqueIdentifiers
  }

  var encoding: [UInt8] {
    let list = extensionsField ?? D.element(0xa3, D.element(0x30, extensions.flatMap { $0 }))
    let body = D.sequence(fieldsBeforeExtensions, list, behindExtensions)
    return D.sequence(body, outerAlgorithm ?? algorithm, signature, behindSignature) + behind
  }

  /// The refusal of a certificate; nil where it is read.
  static func failure(_ der: [UInt8]) -> CryptoFailure.Kind? {
    do throws(CryptoFailure) {
      _ = try Certificate(der: der)
      return nil
    } catch { return error.kind }
  }

  static func failure(_ change: (inout CertificateParts) -> Void) -> CryptoFailure.Kind? { failure(with(change)) }
}
