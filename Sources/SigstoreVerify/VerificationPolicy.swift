public import FulcioCert
public import OpenSSLCrypto
public import RekorCheck
public import WireCoding

/// What this artifact's material must show.
public struct VerificationPolicy: Sendable {
  public enum Requirement: Sendable, Hashable {
    case required
    /// Not asked for. Evidence of a trusted log that is there must verify all the same.
    case unsafelyIgnored
  }

  public let signer: ExpectedSigner
  public let content: ExpectedContent
  public let log: Requirement
  public let certificateTimestamp: Requirement
  /// Counted in distinct logs, authorities and certificate logs; two of one operator count once. A log and a certificate log are asked
  /// for by the two requirements above, so that 0 adds nothing.
  public var minimumLogs = 0
  public var minimumTimestamps = 0
  public var minimumCertificateLogs = 0
  /// Refuses a timestamp of an authority that the trusted root does not hold, which otherwise counts for nothing.
  public var refusesUnknownTimestamps = false
  /// Nil asks for no witness.
  public var witnesses: WitnessPolicy?
  /// Takes log entries of kind dsse 0.0.2, which current clients refuse.
  public var acceptsDeprecatedEntries = false
  /// Every log entry has to be shown to be in the log's tree; a promise to include it does not do.
  public var requiresInclusionProof = false
  /// In days; a trusted root of an unknown age is refused then too.
  public var maximumTrustAge: Int?
  /// What is refused although everything else says yes.
  public var denied: [DenyRule] = []
  /// `owner/repository` of GitHub that the artifact came from; a deny rule may name it, whoever signed.
  public var origin: String?
  /// The hash that was signed over, where it is not the one that goes with the key.
  public var signatureHash: HashAlgorithm?

  public init(
    signer: ExpectedSigner, content: ExpectedContent = .blob, log: Requirement = .required,
    certificateTimestamp: Requirement = .required
  ) {
    self.signer = signer
    self.content = content
    self.log = log
    self.certificateTimestamp = certificateTimestamp
  }
}

/// What the signature has to be over. A statement about a blob is no signature over it: it may say anything, also that the blob is bad.
public enum ExpectedContent: Sendable, Hashable {
  case blob
  case statement(StatementPolicy)
}

/// Which statement is expected.
public struct StatementPolicy: Sendable, Hashable {
  /// Compared byte for byte; nil takes a statement of any kind, which is for callers that look at the kind themselves.
  public let predicateType: String?
  /// Whether the artifact must be among the statement's subjects.
  public let subject: VerificationPolicy.Requirement

  public init(predicateType: String?, subject: VerificationPolicy.Requirement = .required) {
    self.predicateType = predicateType
    self.subject = subject
  }
}

/// Who is expected to have signed. There is no way to ask for nobody in particular.
public enum ExpectedSigner: Sendable {
  case identity(SignerPolicy)
  /// One of these; where they are several the bundle's hint chooses.
  case keys([ManagedKey])

  public static func key(_ key: PublicKey) -> ExpectedSigner { .keys([ManagedKey(key)]) }
}

/// A key that the caller trusts.
public struct ManagedKey: Sendable {
  public let key: PublicKey
  /// What bundles name it by; nil for a key that is the only one.
  public let hint: String?
  /// How it signs; what goes with the key where nil.
  public let scheme: SignatureScheme?
  /// Every signing time must lie inside, both ends inclusive.
  public let validFor: TimeWindow?

  public init(_ key: PublicKey, hint: String? = nil, scheme: SignatureScheme? = nil, validFor: TimeWindow? = nil) {
    self.key = key
    self.hint = hint
    self.scheme = scheme
    self.validFor = validFor
  }
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
