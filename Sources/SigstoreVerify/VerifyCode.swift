public import WireCoding

public typealias VerifyFailure = Failure<VerifyCode>

/// The refusals of the recipe itself: time, identity policy, signature.
public enum VerifyCode: String, FailureCode {
  case trustTooOld = "trust.tooOld"
  case timesNone = "times.none"
  case timesInFuture = "times.inFuture"
  case timesTooFew = "times.tooFew"
  case contentUnsupported = "bundle.unsupported"
  case identityMismatch = "identity.mismatch"
  case issuerMismatch = "identity.issuerMismatch"
  case claimMismatch = "identity.claimMismatch"
  case signatureMismatch = "signature.mismatch"
  case signatureMalformed = "signature.malformed"
  case digestMismatch = "signature.digestMismatch"
  case digestUnavailable = "signature.digestUnavailable"
  case keyMissing = "signature.keyMissing"
  case keyUnexpected = "signature.keyUnexpected"
  case keyMismatch = "signature.keyMismatch"
  case keyNotValid = "signature.keyNotValidAtTime"
  case payloadTypeUnsupported = "attestation.payloadTypeUnsupported"
  case typeMismatch = "attestation.typeMismatch"
  case subjectMismatch = "attestation.subjectMismatch"
  case denied = "policy.denied"
  case nothingToVerify = "usage.nothingToVerify"

  public var blame: Blame {
    switch self {
    case .digestUnavailable, .keyMissing, .keyUnexpected, .nothingToVerify: .misused
    case .signatureMalformed, .contentUnsupported, .payloadTypeUnsupported: .malformed
    default: .untrusted
    }
  }

  public var meaning: String {
    switch self {
    case .trustTooOld: "the trusted root is older than the policy allows"
    case .timesNone: "nothing trustworthy says when the signature was made"
    case .timesInFuture: "the signing time lies in the future"
    case .timesTooFew: "fewer distinct timestamp authorities stamped the signature than required"
    case .contentUnsupported: "the bundle is of a kind that this command does not verify"
    case .identityMismatch: "the certificate names another signer than the one expected"
    case .issuerMismatch: "another identity provider vouched for the signer than the one expected"
    case .claimMismatch: "the certificate does not make a claim that was asked for"
    case .signatureMismatch: "the signature is not this key's over this file"
    case .signatureMalformed: "the signature is not one of the key's kind"
    case .digestMismatch: "the bundle names another file's digest"
    case .digestUnavailable: "the digest that was given is not of the algorithm that was signed"
    case .keyMissing: "the signature was made with a managed key, and none was given"
    case .keyUnexpected: "a key was given, but the signature comes with a certificate"
    case .keyMismatch: "the bundle holds another key than the one given"
    case .keyNotValid: "the key was not valid at the signing time"
    case .payloadTypeUnsupported: "the envelope holds something else than an in-toto statement"
    case .typeMismatch: "the attestation is of another type than the one asked for"
    case .subjectMismatch: "the attestation is about other files"
    case .denied: "the operator's deny list names it"
    case .nothingToVerify: "there is nothing to verify"
    }
  }

  public var advice: String? {
    switch self {
    case .trustTooOld: "run `nexo trust update`, or import a newer trust pack; then check this machine's clock"
    case .timesNone:
      "an integrated time counts only under the log's signature, and only a timestamp can stand in for it"
    case .timesInFuture: "check this machine's clock"
    case .identityMismatch: "compare the two names; a fork, another workflow or another tag is another signer"
    case .issuerMismatch: "the issuer is compared byte for byte, also a slash at its end"
    case .signatureMismatch: "the file was changed, or the signature belongs to another one; fetch both again"
    case .digestUnavailable: "pass the file itself"
    case .contentUnsupported:
      "verify-blob reads signatures over blobs, verify-blob-attestation reads attestations (DSSE envelopes)"
    case .typeMismatch: "name the type that is expected by --type; what an attestation says depends on it"
    case .subjectMismatch: "fetch the file again; an attestation names the files that it is about by their digests"
    case .keyMissing: "pass the signer's public key by --key FILE"
    case .keyUnexpected: "leave out --key, and pass --certificate-identity and --certificate-oidc-issuer"
    default: nil
    }
  }
}
