/// What libcrypto, or the strict checks in front of it, refuses. The modules above give it a stable code.
public struct CryptoFailure: Error, Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Not a well-formed key.
    case keyMalformed
    /// A well-formed key of an algorithm, size or form that is not accepted.
    case keyUnsupported
    /// Not a well-formed signature for the key's algorithm: different news from a signature that does not verify.
    case signatureMalformed
    /// The key cannot be used with the hash or scheme asked for.
    case schemeUnsupported
    /// Not a well-formed X.509 certificate.
    case certificateMalformed
    /// Not a well-formed CMS or timestamp structure.
    case tokenMalformed
    /// libcrypto itself failed, for example from lack of memory. Never a verdict about the input.
    case libcrypto
  }

  public let kind: Kind
  public let detail: String

  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}
