import SigstoreBundle
import SigstoreVerify
import WireCoding

/// All that is to be told of one file. The text, the JSON and the exit status are made of it and of nothing else.
struct Report {
  enum Outcome {
    /// Only a verifier makes the value inside.
    case verified(VerifiedArtifact)
    /// The file has the digest that a verified list names for it.
    case listed(Digest)
    /// With what else was found to be wrong.
    case refused(Refusal, further: [Refusal])
  }

  /// The root that was believed.
  struct Root: Hashable {
    let source: String
    /// What of it cannot be used, with the reasons.
    let disabled: [String]
  }

  /// One bundle of several in a file, by its line.
  struct Line {
    let number: Int
    /// Nil where it verified.
    let refusal: Refusal?
  }

  var notices: [Notice] = []
  var root: Root?
  var trace: [TraceEntry] = []
  /// The file's name, where the call is about several.
  var subject: [UInt8]?
  var lines: [Line] = []
  var outcome: Outcome

  var status: ExitStatus {
    switch outcome {
    case .verified, .listed: .verified
    case .refused(let refusal, _): ExitStatus(refusal.blame)
    }
  }
}

extension Report {
  init(_ finding: VerificationSession.Finding, notices: [Notice], root: Root?) {
    let verdict = finding.verdict
    let told = Set(notices.map(\.code))
    let cautions = verdict.cautions.map { Notice($0.code, $0.text) }.filter { !told.contains($0.code) }
    let outcome: Outcome =
      switch verdict.outcome {
      case .success(let artifact): .verified(artifact)
      case .failure(let failure):
        .refused(
          Refusal(
            failure,
            advice: Self.advice(
              failure, finding.bundle, isStale: verdict.cautions.contains { $0.code == .trustStale })),
          further: verdict.furtherFailures.map { Refusal($0) })
      }
    self.init(
      notices: notices + cautions, root: root, trace: verdict.trace,
      lines: finding.others.map { Line(number: $0.line, refusal: $0.refusal) }, outcome: outcome)
    if verdict.isVerified {
      self.notices += lines.filter { $0.refusal != nil }.map {
        Notice(.otherBundleRefused, "the bundle in line \($0.number) was refused: \($0.refusal?.code ?? "")")
      }
    }
  }

  /// Loose files miss the log entry by nature: the hint says what to do about it. A log that was asked in vain has its own.
  private static func advice(_ failure: VerificationFailure, _ bundle: Bundle, isStale: Bool) -> String? {
    if isStale, mayBeNewer.contains(failure.code) {
      return
        "the trusted root is stale, and what it does not know may be newer than it, not forged: `nexo trust update`"
    }
    guard bundle.origin == .looseFiles, failure.code == "log.missing" || failure.step == .times else { return nil }
    if case .publicKey = bundle.keyMaterial { return looseAdviceForKey }
    return looseAdvice
  }

  /// Refusals that a newer trusted root may lift.
  private static let mayBeNewer: Set<String> = [
    "log.unknown", "log.checkpointUntrusted", "log.keyNotValid", "chain.noAuthority", "sct.untrusted", "times.tooFew",
  ]

  private static let looseAdvice = """
    a signature and a certificate alone hold no log entry and no signed time, so nothing proves offline when the file \
    was signed; pass the release's bundle file by --bundle FILE, or let `nexo verify-blob` ask the log, without --offline
    """

  private static let looseAdviceForKey = """
    a signature alone does not show that it was logged; pass the release's bundle file by --bundle FILE, or let \
    `nexo verify-blob` ask the log, without --offline
    """
}
