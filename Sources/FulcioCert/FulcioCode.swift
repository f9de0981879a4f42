public import WireCoding

public typealias FulcioFailure = Failure<FulcioCode>

/// Why a certificate does not say who signed.
public enum FulcioCode: String, FailureCode {
  case certificateMalformed = "chain.malformed"
  case noAuthority = "chain.noAuthority"
  case notLeaf = "chain.notLeaf"
  case ekuMissing = "chain.ekuMissing"
  case keyUsage = "chain.keyUsage"
  case pathLength = "chain.pathLength"
  case criticalExtension = "chain.criticalExtension"
  case weakAlgorithm = "chain.weakAlgorithm"
  case rootInBundle = "chain.rootInBundle"
  case notValidAtTime = "chain.notValidAtTime"
  case keyUnsupported = "signature.keyUnsupported"
  case sctMissing = "sct.missing"
  case sctMalformed = "sct.malformed"
  case sctUntrusted = "sct.untrusted"
  case sctKeyNotValid = "sct.keyNotValid"
  case sctTimeOutside = "sct.timeOutsideCertificate"
  case sctTooFew = "sct.tooFew"
  case identityMissing = "identity.missing"
  case identitySeveralNames = "identity.severalNames"
  case identityWrongType = "identity.wrongType"
  case identityBadCharacter = "identity.badCharacter"
  case identityNotCritical = "identity.notCritical"
  case issuerConflict = "identity.issuerConflict"
  case issuerMissing = "identity.issuerMissing"
  case extensionMalformed = "identity.extensionMalformed"

  public var blame: Blame {
    switch self {
    case .certificateMalformed, .sctMalformed, .extensionMalformed: .malformed
    default: .untrusted
    }
  }

  public var meaning: String {
    switch self {
    case .certificateMalformed: "the signing certificate is not a well-formed X.509 v3 certificate"
    case .noAuthority: "no certificate authority of the trusted root issued the signing certificate"
    case .notLeaf: "the signing certificate may itself issue certificates, or is a precertificate"
    case .ekuMissing: "a certificate of the chain is not for code signing"
    case .keyUsage: "the signing certificate is not for digital signatures"
    case .pathLength: "the chain is longer than one of its authorities allows"
    case .criticalExtension: "a certificate of the chain has an unknown critical extension"
    case .weakAlgorithm: "a certificate of the chain uses an algorithm or key that is too weak"
    case .rootInBundle: "the bundle brings a self-issued certificate of its own"
    case .notValidAtTime: "the certificate chain was not valid at a trusted signing time"
    case .keyUnsupported: "the key is of an algorithm, size or form that is not accepted"
    case .sctMissing: "the signing certificate carries no signed certificate timestamp"
    case .sctMalformed: "the signed certificate timestamps cannot be read"
    case .sctUntrusted: "no trusted certificate transparency log vouches for the signing certificate"
    case .sctKeyNotValid: "a certificate transparency log's key was not valid at its timestamp"
    case .sctTimeOutside: "a signed certificate timestamp was not made when the certificate was issued"
    case .sctTooFew: "fewer certificate transparency logs vouch for the certificate than required"
    case .identityMissing: "the signing certificate names nobody"
    case .identitySeveralNames: "the signing certificate names more than one identity"
    case .identityWrongType: "the signing certificate names its identity in a form that Sigstore does not use"
    case .identityBadCharacter: "a name in the signing certificate holds characters that no real one has"
    case .identityNotCritical: "the signing certificate's alternative name is not marked critical"
    case .issuerConflict: "the certificate's two issuer extensions differ"
    case .issuerMissing: "the signing certificate does not say which identity provider vouched"
    case .extensionMalformed: "a Fulcio extension of the signing certificate cannot be read"
    }
  }

  public var advice: String? {
    switch self {
    case .noAuthority:
      "the trusted root may be of another instance (--staging, --trusted-root FILE) or older than the authority"
    case .rootInBundle: "trust never comes from a bundle; a private root is given by --trusted-root"
    case .notValidAtTime: "a signing certificate lives ten minutes; the log must have seen the signature in that time"
    case .sctUntrusted: "the trusted root may be of another instance or older than the log's key"
    case .sctMissing: "certificates of private instances may have none: see --insecure-ignore-sct"
    default: nil
    }
  }
}
