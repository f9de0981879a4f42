import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import TimestampCheck
import WireCoding

/// One run of the recipe: its inputs, and the trace that the steps leave behind.
struct Recipe {
  let bundle: Bundle
  /// Nil where the policy asks for none.
  let artifact: ArtifactDigests?
  let policy: VerificationPolicy
  let anchors: TrustAnchors
  let now: UnixTime
  private(set) var trace: [TraceEntry] = []
  private(set) var cautions: [Caution] = []

  init(
    bundle: Bundle, artifact: ArtifactDigests?, policy: VerificationPolicy, anchors: TrustAnchors, now: UnixTime
  ) {
    self.bundle = bundle
    self.artifact = artifact
    self.policy = policy
    self.anchors = anchors
    self.now = now
    trace.reserveCapacity(16)
  }

  mutating func note(
    _ step: Step, _ check: String, _ specification: String, _ result: TraceEntry.Result = .passed,
    _ facts: KeyValuePairs<String, TraceEntry.Value> = [:]
  ) {
    trace.append(
      TraceEntry(
        step: step, check: check, result: result, facts: facts.map { TraceEntry.Fact($0.key, $0.value) },
        specification: specification))
  }

  mutating func caution(_ code: Caution.Code, _ text: String) {
    cautions.append(Caution(code: code, text: text))
  }

  mutating func recordFailure(_ failure: VerificationFailure) { trace.append(TraceEntry(failure)) }
}

extension TraceEntry {
  init(_ failure: VerificationFailure) {
    var facts = [Fact("code", .text(failure.code))]
    if let detail = failure.detail { facts.append(Fact("detail", .text(detail))) }
    if let got = failure.got { facts.append(Fact("got", .text(got))) }
    if let want = failure.want { facts.append(Fact("want", .text(want))) }
    if let place = failure.place { facts.append(Fact("place", .text(place))) }
    self.init(step: failure.step, check: failure.meaning, result: .failed, facts: facts, specification: "")
  }
}

/// Runs a check of another module and gives its refusal the step.
func at<T, Code: FailureCode>(
  _ step: Step, _ body: () throws(Failure<Code>) -> T
) throws(VerificationFailure) -> T {
  do throws(Failure<Code>) { return try body() } catch { throw VerificationFailure(step, error) }
}
