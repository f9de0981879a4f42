import FulcioCert
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import VerdictReport
import WireCoding

/// Whether a release's signing material shows that its tarball was signed by the author that the policy names, for this very
/// release. In process, by our own verifier; no program is run and nothing is asked of the network.
struct ReleaseVerifier: Sendable {
  let root: TrustedRoot
  /// Only to refuse signing times in the future.
  let now: UnixTime
  /// In days.
  let maximumTrustAge: Int?
  /// Of every author; his own entry may ask for it too.
  var requiresInclusionProof = false
  var denied: [DenyRule] = []
  /// Nil where no log may be asked.
  var lookUp: LogQuestion?
  var observe: LogObservation?

  /// What is verified, and against whom.
  struct Question: Sendable {
    let artifact: ArtifactDigests
    let author: TrustedAuthor
    let owner: String
    let repository: String
    let tag: String
  }

  /// A verification with all that is to be told of it.
  struct Answer: Sendable {
    let result: Result<BoundSignature, InstallFailure>
    let verdict: Verdict
    /// What the verdict rests on: the release's own material, or that with the entry that the log gave.
    let bundle: Bundle

    /// {verified, code, identity, digest, signingTimes, cautions, trace}: the fields of `nexo-verify --json`.
    func json(root: String) -> JSONOutput {
      var signature: BoundSignature?
      var failure: InstallFailure?
      switch result {
      case .success(let bound): signature = bound
      case .failure(let refused): failure = refused
      }
      return .object([
        ("schema", .text("nexo-verify/1")), ("verified", .bool(signature != nil)),
        ("code", .optional(failure?.reason)), ("binding", .optional(signature?.rule.rawValue)),
        ("identity", signature.map { VerdictFields.identity($0.signer) } ?? .null),
        ("digest", .optional(signature?.artifact.digest?.text)),
        ("signingTimes", .array(signature?.artifact.signingTimes.map { .text($0.rfc3339) } ?? [])),
        (
          "cautions",
          .array(
            verdict.cautions.map {
              .object([("code", .text($0.code.rawValue)), ("text", VerdictFields.value($0.text))])
            })
        ), ("trustedRoot", .text(root)), ("trace", .array(verdict.trace.map(VerdictFields.entry))),
      ])
    }
  }

  /// Digests that the artifact is needed in.
  static func algorithms(for material: SigningMaterial) -> Set<HashAlgorithm> {
    Verifier.hashAlgorithms(for: material.bundle)
  }

  func verify(_ material: SigningMaterial, _ question: Question) -> Answer {
    var anchors = TrustAnchors(
      authorities: root.authorities, certificateLogs: root.certificateLogs, transparencyLogs: root.transparencyLogs,
      timestampAuthorities: root.timestampAuthorities)
    anchors.provenance = TrustProvenance(
      source: root.sourceDescription, refreshed: root.refreshed, freshUntil: root.freshUntil)
    let policy = policy(question.author, origin: "\(question.owner)/\(question.repository)")
    let verifier = Verifier(anchors: anchors)
    guard let lookUp, policy.isAnsweredByLog(material.bundle) else {
      let verdict = verifier.verify(material.bundle, artifact: question.artifact, policy: policy, at: now)
      return Answer(result: conclude(verdict, material, question), verdict: verdict, bundle: material.bundle)
    }
    let asked = verifier.verify(
      material.bundle, artifact: question.artifact, policy: policy, at: now, asking: lookUp,
      observing: observe)
    return Answer(
      result: conclude(asked.verdict, material, question), verdict: asked.verdict, bundle: asked.bundle)
  }

  private func policy(_ author: TrustedAuthor, origin: String? = nil) -> VerificationPolicy {
    var policy = VerificationPolicy(
      signer: .identity(SignerPolicy(identity: .pattern(author.identity), issuer: .exact(author.issuer))))
    policy.maximumTrustAge = maximumTrustAge
    policy.requiresInclusionProof = requiresInclusionProof || author.requiresInclusionProof
    policy.denied = denied
    policy.origin = origin
    return policy
  }

  /// Whether the verdict on this material needs what only the log can give, and the log may be asked.
  func asksLog(_ material: SigningMaterial, _ author: TrustedAuthor) -> Bool {
    lookUp != nil && policy(author).isAnsweredByLog(material.bundle)
  }

  private func conclude(
    _ verdict: Verdict, _ material: SigningMaterial, _ question: Question
  ) -> Result<BoundSignature, InstallFailure> {
    switch verdict.outcome {
    case .failure(let failure): return .failure(Self.refusal(failure, material, question))
    case .success(let artifact):
      do throws(InstallFailure) {
        return .success(
          try BoundSignature(
            artifact, owner: question.owner, repository: question.repository, tag: question.tag,
            rule: question.author.binding))
      } catch { return .failure(error) }
    }
  }

  private static func refusal(
    _ failure: VerificationFailure, _ material: SigningMaterial, _ question: Question
  ) -> InstallFailure {
    let what = failure.meaning + (failure.detail.map { ": \($0)" } ?? "") + (failure.place.map { " at \($0)" } ?? "")
    if failure.step == .identity {
      return .cosignFailed(
        what, code: failure.code, expected: failure.want, presented: failure.got,
        hint: (failure.got.map {
          ["Hint: the tightest pattern for this signer is '\(TightPattern.of($0))'."]
        } ?? []) + [
          "Hint: the certificate's identity or issuer is not the one that trusted_keys.toml names for `\(question.author.owner)`;",
          "check the workflow's address and `identity_regexp`.",
        ])
    }
    var hint = failure.advice.map { ["Hint: \($0)"] } ?? []
    if material.file == nil, failure.code == "log.missing" {
      hint = [
        "Hint: a `.sig` with a certificate does not show that it was logged. With a network the log can be asked; without,",
        "ask the plugin author to publish the `.bundle` that `cosign sign-blob --bundle` writes.",
      ]
    }
    return .cosignFailed(what, code: failure.code, expected: failure.want, presented: failure.got, hint: hint)
  }
}
