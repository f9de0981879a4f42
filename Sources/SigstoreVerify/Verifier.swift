import FulcioCert
import OpenSSLCrypto
public import SigstoreBundle
public import WireCoding

/// The recipe: whether signature material shows that an expected signer signed an artifact.
///
/// Follows Sigstore's client specification, section 4 (verification), in this order:
///
///     0 readBundle   the signing certificate                  -> Certificate
///     1 log          log entries, trusted logs                -> [LoggedEntry]
///     2 times        logged entries, RFC 3161 tokens          -> SigningTimes
///     3 chain        certificate, every time                  -> TrustedChain
///     4 sct          trusted chain, CT logs                   -> [VerifiedSCT]
///     5 identity     trusted chain, signer policy             -> VerifiedSigner
///     6 signature    key, artifact                            -> VerifiedSignature
///     7 entryBody    logged entries against 3 and 6           -> BoundSignature
///     8 attestation  signed statement, artifact               -> VerifiedStatement, and with it the VerifiedArtifact
///
/// Each value on the right can be made by its check alone, so no step can be left out or shuffled. A managed key replaces 3 to 5; step 8
/// is for attestations, whose signature is over a statement about the artifact.
///
/// Performs no I/O and reads no clock. Sendable: one verifier serves many threads.
public struct Verifier: Sendable {
  let anchors: TrustAnchors

  public init(anchors: TrustAnchors) { self.anchors = anchors }

  /// - Parameters:
  ///   - artifact: with the digests that `hashAlgorithms(for:policy:)` names, or as many of them as are known. Nil only for a
  ///     statement whose subject the policy does not ask for; else it is a refusal.
  ///   - now: only to refuse signing times in the future. It never stands in for a signing time.
  public func verify(
    _ bundle: Bundle, artifact: ArtifactDigests?, policy: VerificationPolicy, at now: UnixTime
  ) -> Verdict {
    var recipe = Recipe(bundle: bundle, artifact: artifact, policy: policy, anchors: anchors, now: now)
    do throws(VerificationFailure) {
      let artifact =
        switch policy.signer {
        case .identity(let signer): try follow(&recipe, signer)
        case .keys(let keys): try follow(&recipe, keys)
        }
      return Verdict(
        outcome: .success(artifact), furtherFailures: [], cautions: recipe.cautions, trace: recipe.trace)
    } catch {
      recipe.recordFailure(error)
      let further = recipe.furtherFailures(after: error)
      return Verdict(
        outcome: .failure(error), furtherFailures: further, cautions: recipe.cautions, trace: recipe.trace)
    }
  }

  private func follow(_ recipe: inout Recipe, _ signer: SignerPolicy) throws(VerificationFailure) -> VerifiedArtifact {
    try recipe.trustAge()
    try recipe.checkContent()
    let leaf = try recipe.signingCertificate()  //                     0
    let logged = try recipe.loggedEntries()  //                        1  was it logged
    let times = try recipe.signingTimes(logged)  //                    2  when: at least one
    let chain = try recipe.trustedChain(leaf, times)  //               3  who: valid at every time
    try recipe.certificateTimestamps(chain)  //                        4  and seen by a CT log
    let identity = try recipe.identity(chain, signer)  //              5  is it the expected one
    let signature = try recipe.signature(chain.leaf)  //               6  over this very artifact
    let bound = try recipe.bind(logged, signature, chain)  //          7  and is that what was logged
    var artifact = try recipe.artifact(identity, bound, times)  //     8  and, for an attestation, what does it say
    try recipe.checkDenied(artifact, leaf: chain.leaf, logged)
    artifact.checkpoints = logged.compactMap(VerifiedCheckpoint.init)
    return artifact
  }

  private func follow(_ recipe: inout Recipe, _ keys: [ManagedKey]) throws(VerificationFailure) -> VerifiedArtifact {
    try recipe.trustAge()
    try recipe.checkContent()
    let managed = try recipe.managedKey(keys)
    let logged = try recipe.loggedEntries()
    let times = try recipe.optionalSigningTimes(logged)
    try recipe.checkWindow(of: managed, at: times)
    let signature = try recipe.signature(managed)
    let bound = try recipe.bind(logged, signature, managed)
    var artifact = try recipe.artifact(nil, bound, times)
    try recipe.checkDenied(artifact, leaf: nil, logged)
    artifact.checkpoints = logged.compactMap(VerifiedCheckpoint.init)
    return artifact
  }
}
