public import FulcioCert
public import OpenSSLCrypto

/// What this artifact's material must show.
public struct VerificationPolicy: Sendable {
  public enum Requirement: Sendable, Hashable {
    case required
    /// Not asked for. Evidence of a trusted log that is there must verify all the same.
    case unsafelyIgnored
  }

  public let signer: ExpectedSigner
  public let log: Requirement
  public let certificateTimestamp: Requirement

  public init(
    signer: ExpectedSigner, log: Requirement = .required, certificateTimestamp: Requirement = .required
  ) {
    self.signer = signer
    self.log = log
    self.certificateTimestamp = certificateTimestamp
  }
}

/// Who is expected to have signed. There is no way to ask for nobody in particular.
public enum ExpectedSigner: Sendable {
  case identity(SignerPolicy)
  case key(PublicKey)
}

/// Which name, vouched for by which identity provider, with which further claims.
public struct SignerPolicy: Sendable {
  public let identity: TextMatcher
  public let issuer: TextMatcher
  /// Compared exactly; a claim that the certificate does not make is no match.
  public let claims: [FulcioClaim: String]

  public init(identity: TextMatcher, issuer: TextMatcher, claims: [FulcioClaim: String] = [:]) {
    self.identity = identity
    self.issuer = issuer
    self.claims = claims
  }
}

public enum TextMatcher: Sendable, Hashable {
  /// Byte for byte: Swift's `==` would take texts for equal that differ in their Unicode form.
  case exact(String)
  case pattern(IdentityPattern)

  public func matches(_ text: String) -> Bool {
    switch self {
    case .exact(let wanted): wanted.utf8.elementsEqual(text.utf8)
    case .pattern(let pattern): pattern.matches(text)
    }
  }

  public var text: String {
    switch self {
    case .exact(let text): text
    case .pattern(let pattern): pattern.text
    }
  }
}
