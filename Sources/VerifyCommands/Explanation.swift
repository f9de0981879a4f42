import SigstoreVerify
import VerdictReport

/// A verdict in the order of the recipe, as questions with their answers: what `--explain` and `--report` show.
struct Explanation {
  struct Section {
    let step: Step
    /// What the step asks.
    let question: String
    let entries: [TraceEntry]

    /// Nil where the recipe did not get there.
    var result: TraceEntry.Result? {
      let results = entries.map(\.result)
      return [.failed, .passed, .skipped, .noted].first { results.contains($0) }
    }
  }

  let sections: [Section]

  init(_ trace: [TraceEntry]) {
    sections = Step.allCases.compactMap { step in
      let entries = trace.filter { $0.step == step }
      // What is about envelopes alone is no open question of a blob, and a list that there is not asks none.
      guard !entries.isEmpty || ![.attestation, .denied].contains(step) else { return nil }
      return Section(step: step, question: Self.question(step), entries: entries)
    }
  }

  private static func question(_ step: Step) -> String {
    switch step {
    case .trust: "Whom is believed, and how old is that?"
    case .bundle: "What was given?"
    case .log: "Was it logged?"
    case .times: "When was it signed?"
    case .chain: "Who vouches for the certificate, and was it valid then?"
    case .sct: "Did a log of certificates see it?"
    case .identity: "Is the signer the expected one?"
    case .signature: "Is the signature over this very file?"
    case .entryBody: "Is that what was logged?"
    case .denied: "Does the operator refuse it all the same?"
    case .attestation: "What does the attestation say, and about this file?"
    }
  }
}

/// `--explain`: the page for a terminal.
enum ExplanationText {
  static func page(_ report: Report) -> String {
    var lines: [String] = []
    switch report.outcome {
    case .verified, .listed: lines.append("VERIFIED")
    case .refused(let refusal, _): lines.append("REFUSED: \(Terminal.value(refusal.meaning)) (\(refusal.code))")
    }
    for section in Explanation(report.trace).sections {
      lines += ["", "\(mark(section.result)) \(section.question)"]
      for entry in section.entries {
        lines.append("    \(word(entry.result)): \(Terminal.value(entry.check))")
        let width = entry.facts.map(\.name.count).max() ?? 0
        for fact in entry.facts {
          let name = fact.name + String(repeating: " ", count: width - fact.name.count)
          lines.append("        \(name)  \(Terminal.value(fact.value.rendered))")
        }
        if !entry.specification.isEmpty { lines.append("        by \(entry.specification)") }
      }
      if section.entries.isEmpty { lines.append("    not reached") }
    }
    let notices = report.notices.map { "  \(Terminal.value($0.text)) (\($0.code))" }
    if !notices.isEmpty { lines += ["", "To know"] + notices }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func mark(_ result: TraceEntry.Result?) -> String {
    switch result {
    case .passed: "[yes]"
    case .failed: "[NO] "
    case .skipped: "[ - ]"
    case .noted: "[ i ]"
    case nil: "[ ? ]"
    }
  }

  private static func word(_ result: TraceEntry.Result) -> String {
    switch result {
    case .passed: "yes"
    case .failed: "no"
    case .skipped: "not asked for"
    case .noted: "seen"
    }
  }
}
