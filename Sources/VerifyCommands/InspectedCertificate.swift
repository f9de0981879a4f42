import FulcioCert
import OpenSSLCrypto
import VerdictReport
import WireCoding

/// What a certificate says of its holder. Nobody has vouched for it here.
enum InspectedCertificate {
  static func fields(_ der: [UInt8]) -> [(String, JSONOutput)] {
    guard let certificate = try? Certificate(der: der) else {
      return [("certificate", .text("it cannot be read")), ("bytes", .number(der.count))]
    }
    let name = try? SubjectName(claimedBy: certificate)
    let claims = try? FulcioClaims(claimedBy: certificate)
    return [
      ("identity", .optional(name?.text)), ("identityKind", .optional(name?.kind.rawValue)),
      ("oidcIssuer", .optional(try? claims?.issuer())), ("subject", .text(certificate.subjectText)),
      ("issuer", .text(certificate.issuerText)),
      ("serialNumber", .text(Hex.encode(certificate.structure.serialNumber))),
      ("validity", .text(certificate.validity.description)),
      ("key", .object(Inspection.key(certificate.publicKey.subjectPublicKeyInfo))),
      ("claims", .object(self.claims(claims))), ("certificate timestamp", .array(timestamps(certificate))),
    ]
  }

  private static func claims(_ claims: FulcioClaims?) -> [(String, JSONOutput)] {
    let values = claims?.values.sorted { $0.key.rawValue < $1.key.rawValue } ?? []
    return values.map { ($0.key.name, .text($0.value)) }
  }

  private static func timestamps(_ certificate: Certificate) -> [JSONOutput] {
    guard let list = certificate.structure.extension(SignedCertificateTimestamp.listExtension),
      let found = try? SignedCertificateTimestamp.list(fromExtension: list.value)
    else { return [] }
    return found.map {
      .object([
        ("logID", .text(Hex.encode($0.logID))), ("time", .text(UnixTime(milliseconds: $0.timestamp).rfc3339)),
      ])
    }
  }
}
