public import FulcioCert
public import RekorCheck
public import TimestampCheck
public import WireCoding

/// Whom the verifier believes, prepared once for many verifications. An empty list trusts nobody: it never means "no check".
public struct TrustAnchors: Sendable {
  public let authorities: [CertificateAuthority]
  public let certificateLogs: [CertificateLog]
  public let transparencyLogs: [TransparencyLog]
  public let timestampAuthorities: [TimestampAuthority]

  /// Where they are from and how old they are, for the trace and for policies that limit their age.
  public var provenance: TrustProvenance?

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

/// What is known of a trusted root beside its content.
public struct TrustProvenance: Sendable, Hashable {
  /// For people.
  public let source: String
  /// When it was last known to be the newest; nil where nothing says so.
  public let refreshed: UnixTime?
  /// From then on it counts as stale.
  public let freshUntil: UnixTime?

  public init(source: String, refreshed: UnixTime?, freshUntil: UnixTime?) {
    self.source = source
    self.refreshed = refreshed
    self.freshUntil = freshUntil
  }

  /// Whole days since it was refreshed. Nil where that is not known, or lies more than a day ahead: then the clock is wrong.
  public func age(at now: UnixTime) -> Int? {
    guard let refreshed, refreshed.seconds <= now.seconds + 86_400 else { return nil }
    return Int(max(0, now.seconds - refreshed.seconds) / 86_400)
  }

  public func isStale(at now: UnixTime) -> Bool { freshUntil.map { $0 <= now } ?? false }
}
