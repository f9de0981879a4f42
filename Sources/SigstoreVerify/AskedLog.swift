import OpenSSLCrypto
import RekorCheck
public import SigstoreBundle
public import WireCoding

/// Asks a log, somewhere outside of this module, for the entries of a signature. Whatever it answers is untrusted. It fails at the step `log`.
public typealias LogQuestion = @Sendable (LogQuery) throws(VerificationFailure) -> [LogEntry]

/// Holds a log that was asked to what it showed before; true for a tree that was not seen before of a log that was. It fails at the step `log`.
public typealias LogObservation = @Sendable (VerifiedCheckpoint) throws(VerificationFailure) -> Bool

extension VerificationPolicy {
  /// Whether the material lacks what this policy asks for and a log could give: loose files hold no entry, a cosign bundle no proof.
  public func isAnsweredByLog(_ bundle: Bundle) -> Bool {
    switch bundle.origin {
    case .looseFiles: log == .required
    case .legacyCosign: requiresInclusionProof
    case .lookedUp, .v0_1, .v0_2, .v0_3: false
    }
  }
}

extension Verifier {
  /// The same recipe over the material with each entry that the log gives, as if it had come with that one; with the entry that the
  /// verdict rests on.
  ///
  /// A cosign bundle is judged by itself first, and that no is final: the log may add the proof of the bundle's own entry, and nothing else.
  /// Of several good entries of loose files the earliest counts: anybody can log a signature again later. One that the operator denies is
  /// final too. Of several bad ones the verdict is that which came furthest.
  public func verify(
    _ bundle: Bundle, artifact: ArtifactDigests, policy: VerificationPolicy, at now: UnixTime,
    asking question: LogQuestion, observing observe: LogObservation? = nil
  ) -> (verdict: Verdict, bundle: Bundle) {
    var alonePolicy = policy
    if bundle.origin == .legacyCosign { alonePolicy.requiresInclusionProof = false }
    let alone = verify(bundle, artifact: artifact, policy: alonePolicy, at: now)
    if bundle.origin == .legacyCosign, !alone.isVerified { return (alone, bundle) }
    // Entries are found by SHA-256 alone; what cannot be asked for is judged by what is there.
    guard let digest = artifact[.sha256], let query = LogQuery(bundle, digest: digest.bytes, key: Self.key(policy))
    else { return (verify(bundle, artifact: artifact, policy: policy, at: now), bundle) }
    var entries: [LogEntry]
    do throws(VerificationFailure) { entries = try question(query) } catch {
      return (alone.refused(error), bundle)
    }
    if let own = bundle.logEntries.first {
      entries.removeAll { !own.isSame(as: $0) }
      guard !entries.isEmpty else {
        let failure = RekorFailure(
          .proofMissing, "the log that was asked gives other entries than this one", place: own.place)
        return (alone.refused(VerificationFailure(.log, failure)), bundle)
      }
    }
    let candidates = entries.map { entry in
      let candidate = bundle.lookedUp(entry)
      return (verdict: verify(candidate, artifact: artifact, policy: policy, at: now), bundle: candidate)
    }
    if let denied = candidates.first(where: { $0.verdict.failure?.step == .denied }) { return denied }
    let earliest = candidates.compactMap { candidate in
      candidate.verdict.signingTime.map { (time: $0, found: candidate) }
    }.min { $0.time < $1.time }
    let furthest = candidates.max { $1.verdict.isFurther(than: $0.verdict) }
    guard var found = earliest?.found else { return furthest ?? (alone, bundle) }
    // Only what a trusted key signed is worth remembering, and only what was remembered can be contradicted.
    if let observe, case .success(let artifact) = found.verdict.outcome {
      do throws(VerificationFailure) {
        for checkpoint in artifact.checkpoints where try observe(checkpoint) {
          found.verdict = found.verdict.warned(
            .newTree,
            "\(checkpoint.log) shows a tree that was not seen before: \(checkpoint.origin); it cannot be compared")
        }
      } catch { return (found.verdict.refused(error), found.bundle) }
    }
    return found
  }

  private static func key(_ policy: VerificationPolicy) -> [UInt8]? {
    guard case .keys(let keys) = policy.signer, keys.count == 1 else { return nil }
    return keys.first?.key.subjectPublicKeyInfo
  }
}

extension Verdict {
  /// The earliest; nil for a no.
  fileprivate var signingTime: UnixTime? {
    guard case .success(let artifact) = outcome else { return nil }
    return artifact.signingTimes.min()
  }

  /// A yes before a no, and of two refusals the one that came further in the recipe.
  public func isFurther(than other: Verdict) -> Bool {
    guard let refusal = failure, let earlier = other.failure else { return isVerified && !other.isVerified }
    func order(_ step: Step) -> Int { Step.allCases.firstIndex(of: step) ?? 0 }
    return order(refusal.step) > order(earlier.step)
  }

  /// The same verdict, refused by the log that was asked: in the place of what was refused without it.
  fileprivate func refused(_ failure: VerificationFailure) -> Verdict {
    Verdict(
      outcome: .failure(failure), furtherFailures: isVerified ? [] : furtherFailures, cautions: cautions,
      trace: trace.filter { $0.result != .failed } + [TraceEntry(failure)])
  }

  fileprivate func warned(_ code: Caution.Code, _ text: String) -> Verdict {
    Verdict(
      outcome: outcome, furtherFailures: furtherFailures, cautions: cautions + [Caution(code: code, text: text)],
      trace: trace)
  }
}

extension LogEntry {
  /// Whether both tell of one place in one log. Proofs and promises may differ: an ECDSA signature is another one each time.
  fileprivate func isSame(as other: LogEntry) -> Bool {
    logID == other.logID && logIndex == other.logIndex && integratedTime == other.integratedTime
      && canonicalizedBody == other.canonicalizedBody
  }
}
