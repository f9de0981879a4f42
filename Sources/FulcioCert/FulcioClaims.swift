public import OpenSSLCrypto
public import WireCoding

/// The extensions of Fulcio's arc 1.3.6.1.4.1.57264.1 (fulcio/docs/oid-info.md).
public enum FulcioClaim: Int, Sendable, Hashable, CaseIterable {
  case issuerV1 = 1
  case gitHubWorkflowTrigger = 2
  case gitHubWorkflowSHA = 3
  case gitHubWorkflowName = 4
  case gitHubWorkflowRepository = 5
  case gitHubWorkflowRef = 6
  case issuerV2 = 8
  case buildSignerURI = 9
  case buildSignerDigest = 10
  case runnerEnvironment = 11
  case sourceRepositoryURI = 12
  case sourceRepositoryDigest = 13
  case sourceRepositoryRef = 14
  case sourceRepositoryIdentifier = 15
  case sourceRepositoryOwnerURI = 16
  case sourceRepositoryOwnerIdentifier = 17
  case buildConfigURI = 18
  case buildConfigDigest = 19
  case buildTrigger = 20
  case runInvocationURI = 21
  case sourceRepositoryVisibility = 22
  case deploymentEnvironment = 23
  case tokenSubject = 24

  static let arc = "1.3.6.1.4.1.57264.1."

  public var objectIdentifier: String { Self.arc + String(rawValue) }

  /// The first six hold their text bare; the later ones hold one DER UTF8String.
  var isRaw: Bool { rawValue <= 6 }

  /// The field's own name for it.
  public var name: String {
    switch self {
    case .issuerV1: "Issuer"
    case .gitHubWorkflowTrigger: "GitHub Workflow Trigger"
    case .gitHubWorkflowSHA: "GitHub Workflow SHA"
    case .gitHubWorkflowName: "GitHub Workflow Name"
    case .gitHubWorkflowRepository: "GitHub Workflow Repository"
    case .gitHubWorkflowRef: "GitHub Workflow Ref"
    case .issuerV2: "Issuer (V2)"
    case .buildSignerURI: "Build Signer URI"
    case .buildSignerDigest: "Build Signer Digest"
    case .runnerEnvironment: "Runner Environment"
    case .sourceRepositoryURI: "Source Repository URI"
    case .sourceRepositoryDigest: "Source Repository Digest"
    case .sourceRepositoryRef: "Source Repository Ref"
    case .sourceRepositoryIdentifier: "Source Repository Identifier"
    case .sourceRepositoryOwnerURI: "Source Repository Owner URI"
    case .sourceRepositoryOwnerIdentifier: "Source Repository Owner Identifier"
    case .buildConfigURI: "Build Config URI"
    case .buildConfigDigest: "Build Config Digest"
    case .buildTrigger: "Build Trigger"
    case .runInvocationURI: "Run Invocation URI"
    case .sourceRepositoryVisibility: "Source Repository Visibility At Signing"
    case .deploymentEnvironment: "Deployment Environment"
    case .tokenSubject: "Token Subject"
    }
  }
}

/// What a Fulcio leaf says about its signer, beside the name.
public struct FulcioClaims: Sendable, Hashable {
  public let values: [FulcioClaim: String]

  /// Reads what the leaf claims. It is true only where the leaf's chain is trusted. Unknown numbers of the arc are left alone.
  public init(claimedBy leaf: Certificate) throws(FulcioFailure) {
    var values: [FulcioClaim: String] = [:]
    for item in leaf.structure.extensions where item.identifier.hasPrefix(FulcioClaim.arc) {
      guard let number = Int(item.identifier.dropFirst(FulcioClaim.arc.count)),
        let claim = FulcioClaim(rawValue: number)
      else { continue }
      values[claim] = try Self.text(item.value, claim)
    }
    self.values = values
  }

  public subscript(claim: FulcioClaim) -> String? { values[claim] }

  private static func text(_ value: [UInt8], _ claim: FulcioClaim) throws(FulcioFailure) -> String {
    guard !claim.isRaw else {
      guard let text = String(validating: value, as: UTF8.self) else {
        throw FulcioFailure(.extensionMalformed, "\(claim.name) is not UTF-8")
      }
      return text
    }
    do throws(CodingFailure) {
      var reader = DERReader(value)
      let text = try reader.read(DERTag.utf8String).utf8()
      try reader.finish()
      return text
    } catch {
      throw FulcioFailure(.extensionMalformed, "\(claim.name): \(error.detail)")
    }
  }

  /// The OIDC issuer: the new extension, or the old one where only that is present. Both and different is a refusal.
  public func issuer() throws(FulcioFailure) -> String {
    let issuer: String
    switch (values[.issuerV2], values[.issuerV1]) {
    case (let new?, let old?):
      // By bytes: Swift takes texts of other bytes for equal where they look alike.
      guard new.utf8.elementsEqual(old.utf8) else { throw FulcioFailure(.issuerConflict, got: old, want: new) }
      issuer = new
    case (let only?, nil), (nil, let only?): issuer = only
    case (nil, nil): throw FulcioFailure(.issuerMissing)
    }
    guard !issuer.isEmpty else { throw FulcioFailure(.issuerMissing, "it is empty") }
    try checkCharacters(issuer, "issuer")
    return issuer
  }
}
