public import FulcioCert
public import RekorCheck
public import TimestampCheck

/// Whom the verifier believes, prepared once for many verifications. An empty list trusts nobody: it never means "no check".
public struct TrustAnchors: Sendable {
  public let authorities: [CertificateAuthority]
  public let certificateLogs: [CertificateLog]
  public let transparencyLogs: [TransparencyLog]
  public let timestampAuthorities: [TimestampAuthority]

  public init(
    authorities: [CertificateAuthority], certificateLogs: [CertificateLog], transparencyLogs: [TransparencyLog],
    timestampAuthorities: [TimestampAuthority]
  ) {
    self.authorities = authorities
    self.certificateLogs = certificateLogs
    self.transparencyLogs = transparencyLogs
    self.timestampAuthorities = timestampAuthorities
  }
}
