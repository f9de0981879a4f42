public import WireCoding

public typealias BundleFailure = Failure<BundleCode>

/// Why a file is not the signature material that it is offered as.
public enum BundleCode: String, FailureCode {
  case json = "bundle.json"
  case unknownFormat = "bundle.unknownFormat"
  case tooLarge = "bundle.tooLarge"
  case tooMany = "bundle.tooMany"
  case numberRange = "bundle.numberRange"
  case fieldMissing = "bundle.fieldMissing"
  case fieldInvalid = "bundle.fieldInvalid"
  case conflict = "bundle.conflict"
  case base64 = "input.base64"
  case der = "input.der"
  case signatureEmpty = "input.signatureEmpty"
  case certificate = "input.certificate"
  case key = "input.key"
  case disagreesWithBundle = "input.disagreesWithBundle"
  case signatureCount = "attestation.signatureCount"
  case payloadMalformed = "attestation.payloadMalformed"
  case noSubject = "attestation.noSubject"
  case rootMalformed = "trust.rootMalformed"

  public var blame: Blame {
    switch self {
    case .disagreesWithBundle: .untrusted
    default: .malformed
    }
  }

  public var meaning: String {
    switch self {
    case .json: "the bundle is not strict JSON"
    case .unknownFormat: "the file is neither a Sigstore bundle of a known version nor a cosign bundle"
    case .tooLarge: "the file is larger than any real one"
    case .tooMany: "the bundle holds more elements than any real one"
    case .numberRange: "a number in the bundle is out of range or not a whole number"
    case .fieldMissing: "a required field of the bundle is missing"
    case .fieldInvalid: "a field of the bundle has the wrong type or value"
    case .conflict: "the bundle holds two fields that exclude each other"
    case .base64: "a value is not strict base64"
    case .der: "a value is not strict DER"
    case .signatureEmpty: "the signature is empty"
    case .certificate: "the certificate file does not hold exactly one certificate"
    case .key: "the key file does not hold exactly one public key"
    case .disagreesWithBundle: "a file given beside the bundle differs from what the bundle holds"
    case .signatureCount: "the envelope does not hold exactly one signature"
    case .payloadMalformed: "the envelope's payload is no in-toto statement"
    case .noSubject: "the statement names no artifact by a digest that counts"
    case .rootMalformed: "the trusted root is not one"
    }
  }

  public var advice: String? {
    switch self {
    case .json, .fieldMissing, .fieldInvalid, .base64, .numberRange:
      "fetch the file again; if it stays so, its writer is at fault"
    case .unknownFormat: "a bundle of a newer version may need a newer nexo-verify"
    case .signatureEmpty: "some releases ship empty placeholders; use the bundle file instead"
    case .certificate: "pass the PEM certificate, or the base64 of it as cosign writes it, alone in its file"
    case .key: "pass one PEM block of type PUBLIC KEY"
    case .disagreesWithBundle:
      "leave out --signature and --certificate to verify the bundle alone, or pass the files it was made with"
    case .noSubject: "only sha256, sha384 and sha512 name an artifact"
    case .tooLarge, .tooMany, .conflict, .der, .signatureCount, .payloadMalformed, .rootMalformed: nil
    }
  }
}

/// Gives a coding failure inside a bundle its stable code.
func bundleFailure(_ failure: CodingFailure) -> BundleFailure {
  let code: BundleCode =
    switch failure.kind {
    case .json, .duplicateKey, .tooDeep, .text: .json
    case .tooLarge: .tooLarge
    case .tooMany: .tooMany
    case .missingField: .fieldMissing
    case .wrongType, .hex, .time, .tls: .fieldInvalid
    case .numberRange: .numberRange
    case .base64: .base64
    case .der: .der
    case .pem: .certificate
    }
  return BundleFailure(code, failure.detail, place: failure.place)
}
