import SigstoreBundle
import SigstoreVerify
import WireCoding

/// What is loaded once for all files of a call: whom to believe, whom to expect, and the time. Serves many threads.
struct VerificationSession: Sendable {
  let verifier: Verifier
  let policy: VerificationPolicy
  let now: UnixTime
  let standardInput: Int32
  let silence: Int?
  /// Nil where the network is not to be used.
  let lookUp: LogQuestion?
  let observe: LogObservation?

  /// What is found for one file: of several bundles one whole one must satisfy the policy by itself.
  struct Finding: Sendable {
    var verdict: Verdict
    let bundle: Bundle
    /// What became of each bundle, where there are several: its place in the file, and the refusal.
    var others: [(line: Int, refusal: Refusal?)] = []
  }

  /// Hashes the file once for all bundles.
  func judge(_ bundles: [Result<Bundle, BundleFailure>], _ target: BlobSource?) throws(Refusal) -> Finding {
    let readable = bundles.compactMap { try? $0.get() }
    var artifact: ArtifactDigests?
    if let target, !readable.isEmpty {
      let hasher = BlobHasher(
        algorithms: algorithms(readable), standardInput: standardInput, silence: silence)
      artifact = try hasher.digests(of: target)
    }
    if let lookUp, let artifact, let only = readable.first, bundles.count == 1, policy.isAnsweredByLog(only) {
      let asked = verifier.verify(only, artifact: artifact, policy: policy, at: now, asking: lookUp, observing: observe)
      return Finding(verdict: asked.verdict, bundle: asked.bundle)
    }
    var best: Finding?
    var others: [(line: Int, refusal: Refusal?)] = []
    var unreadable: BundleFailure?
    for (index, result) in bundles.enumerated() {
      switch result {
      case .failure(let failure):
        unreadable = unreadable ?? failure
        others.append((index + 1, Refusal(failure)))
      case .success(let bundle):
        let verdict = verifier.verify(bundle, artifact: artifact, policy: policy, at: now)
        others.append((index + 1, verdict.failure.map { Refusal($0) }))
        if best.map({ verdict.isFurther(than: $0.verdict) }) ?? true {
          best = Finding(verdict: verdict, bundle: bundle)
        }
      }
    }
    guard var best else { throw Refusal(unreadable ?? BundleFailure(.unknownFormat)) }
    if bundles.count > 1 { best.others = others }
    return best
  }

  private func algorithms(_ bundles: [Bundle]) -> Set<HashAlgorithm> {
    var keys: [ManagedKey] = []
    if case .keys(let expected) = policy.signer { keys = expected }
    return bundles.reduce(into: []) {
      $0.formUnion(Verifier.hashAlgorithms(for: $1, keys: keys, signatureHash: policy.signatureHash))
      if lookUp != nil, policy.isAnsweredByLog($1) { $0.insert(.sha256) }
    }
  }
}
