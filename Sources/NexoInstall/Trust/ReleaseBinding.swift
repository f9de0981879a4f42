import FulcioCert
import SigstoreVerify

/// How a signature has to belong to the release that is installed: the author key `bind`.
enum ReleaseBindingRule: String, Sendable, Hashable, CaseIterable {
  /// Signed by a workflow run for `refs/tags/<tag>` of the repository that was asked for.
  case tag
  /// Signed by a workflow run of that repository, for whatever ref.
  case repository
  /// By whoever the policy's pattern names.
  case none
}

/// Evidence that a verified signature belongs to the release that was asked for. Only `init` makes one.
///
/// Without it a valid signature of another repository, branch or version of the same signer would do: what an identity
/// pattern admits is seldom one release.
struct BoundSignature: Sendable {
  let artifact: VerifiedArtifact
  let signer: VerifiedSigner
  let rule: ReleaseBindingRule

  /// Reads Fulcio's extensions (fulcio/docs/oid-info.md): 1.3.6.1.4.1.57264.1.12 Source Repository URI and .14 Source
  /// Repository Ref, or .5 and .6 in certificates of before 2023. Each one that is there has to agree, and one of each pair
  /// has to be there.
  ///
  /// - Parameter tag: as the release names it, not as it was asked for: `latest` is no ref.
  init(
    _ artifact: VerifiedArtifact, owner: String, repository: String, tag: String, rule: ReleaseBindingRule
  ) throws(InstallFailure) {
    guard let signer = artifact.signer else {
      throw .cosignFailed("the signature is of a key, not of a workflow", code: "binding.repository")
    }
    let claims = signer.claims.values
    if rule != .none {
      let name = "\(owner)/\(repository)"
      let address = "https://github.com/\(name)"
      try Self.check(
        [
          (claims[.sourceRepositoryURI], address), (claims[.gitHubWorkflowRepository], name),
        ], "binding.repository", "the certificate is for another repository", address)
    }
    if rule == .tag {
      let ref = "refs/tags/\(tag)"
      try Self.check(
        [(claims[.sourceRepositoryRef], ref), (claims[.gitHubWorkflowRef], ref)], "binding.tag",
        "the certificate is for another tag or branch", ref)
    }
    self.artifact = artifact
    self.signer = signer
    self.rule = rule
  }

  private static func check(
    _ claims: [(presented: String?, wanted: String)], _ code: String, _ what: String, _ expected: String
  ) throws(InstallFailure) {
    let presented = claims.compactMap { claim in claim.presented.map { ($0, claim.wanted) } }
    guard !presented.isEmpty else {
      throw .cosignFailed(
        "the certificate does not say which repository and ref it is for", code: code, expected: expected)
    }
    for (presented, wanted) in presented {
      // GitHub's names compare without ASCII case; so does nobody else's tag, but then the ref was made for this very tag.
      let isSame =
        code == "binding.tag" ? presented.utf8.elementsEqual(wanted.utf8) : isSameName(presented, wanted)
      guard isSame else { throw .cosignFailed(what, code: code, expected: wanted, presented: presented) }
    }
  }
}

extension InstallFailure {
  /// The one kind of every failed verification: scripts match on it. The code says which check.
  static func cosignFailed(
    _ what: String, code: String, expected: String? = nil, presented: String? = nil, hint: [String] = []
  ) -> InstallFailure {
    var sentence = "signature verification failed: \(what)"
    if let presented { sentence += ", got `\(presented)`" }
    if let expected { sentence += ", want `\(expected)`" }
    return InstallFailure(
      .cosignFailed, "\(sentence) (\(code))", reason: code, expected: expected, presented: presented, hint: hint)
  }
}
