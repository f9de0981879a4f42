import SigstoreVerify
import WireCoding

/// A refusal on its way to the user, whichever module made it: what the text, the JSON and the exit status are made of.
///
/// `detail`, `got`, `want`, `place` and `input` may hold hostile text. They are escaped where they are written.
struct Refusal: Error, Hashable {
  /// Nil where the recipe had not begun.
  let step: Step?
  let code: String
  let blame: Blame
  let meaning: String
  let detail: String?
  let got: String?
  let want: String?
  let place: String?
  /// What was being read, for example `--bundle release.json`.
  let input: String?
  let advice: String?

  /// - Parameter advice: better advice than the code's own, which knows nothing of this case.
  init(_ failure: Failure<some FailureCode>, input: String? = nil, advice: String? = nil) {
    step = nil
    code = failure.code.rawValue
    blame = failure.code.blame
    meaning = failure.code.meaning
    detail = failure.detail
    got = failure.got
    want = failure.want
    place = failure.place
    self.input = input
    self.advice = advice ?? failure.code.advice
  }

  init(_ failure: VerificationFailure, advice: String? = nil) {
    step = failure.step
    code = failure.code
    blame = failure.blame
    meaning = failure.meaning
    detail = failure.detail
    got = failure.got
    want = failure.want
    place = failure.place
    input = nil
    self.advice = advice ?? failure.advice
  }

  /// A command line that cannot be followed.
  static func usage(_ detail: String, advice: String? = nil) -> Refusal {
    Refusal(CommandFailure(.flag, detail), advice: advice)
  }
}

/// Runs a reader of another module and says which input it refused.
func reading<T, Code: FailureCode>(
  _ input: String, _ body: () throws(Failure<Code>) -> T
) throws(Refusal) -> T {
  do throws(Failure<Code>) { return try body() } catch { throw Refusal(error, input: input) }
}

/// Something to know about a call that is no refusal. `text` may hold hostile text.
struct Notice: Hashable {
  let code: String
  let text: String

  init(_ code: NoticeCode, _ text: String) {
    self.code = code.rawValue
    self.text = text
  }

  init(_ code: Caution.Code, _ text: String) {
    self.code = code.rawValue
    self.text = text
  }
}
