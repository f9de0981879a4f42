import OpenSSLCrypto
import RekorCheck
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
  let lookUp: (@Sendable (LogQuery) throws(VerificationFailure) -> [LogEntry])?

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
    if let lookUp, let artifact, let only = readable.first, bundles.count == 1, needsLookUp(only) {
      return try judge(only, artifact, asking: lookUp)
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
        if best.map({ Self.isBetter(verdict, than: $0.verdict) }) ?? true {
          best = Finding(verdict: verdict, bundle: bundle)
        }
      }
    }
    guard var best else { throw Refusal(unreadable ?? BundleFailure(.unknownFormat)) }
    if bundles.count > 1 { best.others = others }
    return best
  }

  // MARK: Asking the log

  private func needsLookUp(_ bundle: Bundle) -> Bool {
    switch bundle.origin {
    case .looseFiles: policy.log == .required
    case .legacyCosign: policy.requiresInclusionProof
    default: false
    }
  }

  /// Judges the material with each entry that the log gives, as if it had come with that one. Of several good ones the earliest counts:
  /// anybody can log a signature again later.
  private func judge(
    _ bundle: Bundle, _ artifact: ArtifactDigests, asking lookUp: (LogQuery) throws(VerificationFailure) -> [LogEntry]
  ) throws(Refusal) -> Finding {
    var key: [UInt8]?
    if case .keys(let keys) = policy.signer, keys.count == 1 { key = keys.first?.key.subjectPublicKeyInfo }
    guard let digest = artifact[.sha256], let query = LogQuery(bundle, digest: digest.bytes, key: key) else {
      // No such entry can be asked for: the verdict without one says what is missing.
      return Finding(verdict: verifier.verify(bundle, artifact: artifact, policy: policy, at: now), bundle: bundle)
    }
    let entries: [LogEntry]
    do throws(VerificationFailure) { entries = try lookUp(query) } catch { throw Refusal(error) }
    let candidates = entries.map { bundle.lookedUp($0) }.map { candidate in
      Finding(
        verdict: verifier.verify(candidate, artifact: artifact, policy: policy, at: now), bundle: candidate)
    }
    func time(_ finding: Finding) -> UnixTime? {
      if case .success(let verified) = finding.verdict.outcome { verified.signingTimes.min() } else { nil }
    }
    let good = candidates.filter(\.verdict.isVerified)
    let earliest = good.min { left, right in
      guard let first = time(left), let second = time(right) else { return false }
      return first < second
    }
    guard let best = earliest ?? candidates.max(by: { Self.isBetter($1.verdict, than: $0.verdict) }) else {
      throw Refusal(RekorFailure(.missing, bundle.origin.rawValue))
    }
    return best
  }

  private func algorithms(_ bundles: [Bundle]) -> Set<HashAlgorithm> {
    var keys: [ManagedKey] = []
    if case .keys(let expected) = policy.signer { keys = expected }
    return bundles.reduce(into: []) {
      $0.formUnion(Verifier.hashAlgorithms(for: $1, keys: keys, signatureHash: policy.signatureHash))
      if lookUp != nil, needsLookUp($1) { $0.insert(.sha256) }
    }
  }

  /// A yes before a no, and of two refusals the one that came further.
  private static func isBetter(_ verdict: Verdict, than other: Verdict) -> Bool {
    guard let refusal = verdict.failure, let earlier = other.failure else {
      return verdict.isVerified && !other.isVerified
    }
    func order(_ step: Step) -> Int { Step.allCases.firstIndex(of: step) ?? 0 }
    return order(refusal.step) > order(earlier.step)
  }
}
