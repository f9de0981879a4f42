import SigstoreVerify
import WireCoding

/// All that a run of `verify-blob` has to tell. The text, the JSON and the exit status are made of it and of nothing
/// else.
struct Report {
  enum Outcome {
    /// Only a verifier makes the value inside.
    case verified(VerifiedArtifact)
    /// With what else was found to be wrong.
    case refused(Refusal, further: [Refusal])
  }

  /// The root that was believed.
  struct Root: Hashable {
    let source: String
    /// What of it cannot be used, with the reasons.
    let disabled: [String]
  }

  var notices: [Notice] = []
  var root: Root?
  var trace: [TraceEntry] = []
  var outcome: Outcome

  var status: ExitStatus {
    switch outcome {
    case .verified: .verified
    case .refused(let refusal, _): ExitStatus(refusal.blame)
    }
  }
}
