import SigstoreVerify

/// What is wrong with a trust policy that loads: patterns that let in more than their author is likely to mean, entries that never count.
///
/// By trying: each pattern is asked for names of workflows that it should not accept. What is not tried is not found.
struct PolicyLint {
  enum Code: String, CaseIterable {
    case notAnchored = "policy.notAnchored"
    case bareDot = "policy.bareDot"
    case otherOwner = "policy.otherOwner"
    case anyWorkflow = "policy.anyWorkflow"
    case anyBranch = "policy.anyBranch"
    case duplicateOwner = "policy.duplicateOwner"
    case matchesNothing = "policy.matchesNothing"
  }

  struct Finding: Equatable {
    let code: Code
    let owner: String
    let text: String
  }

  let findings: [Finding]

  init(_ keys: TrustedKeys) {
    var findings: [Finding] = []
    for (index, author) in keys.authors.enumerated() {
      if keys.authors[..<index].contains(where: { isSameName($0.owner, author.owner) }) {
        findings.append(
          Finding(
            code: .duplicateOwner, owner: author.owner,
            text: "an earlier entry is for the same owner: this one never counts"))
      }
      findings += Self.findings(author)
    }
    self.findings = findings
  }

  private static func findings(_ author: TrustedAuthor) -> [Finding] {
    var found: [Finding] = []
    func add(_ code: Code, _ text: String) { found.append(Finding(code: code, owner: author.owner, text: text)) }
    let pattern = author.identity
    if !pattern.isAnchored {
      add(.notAnchored, "the pattern is searched anywhere in a name: begin it with ^ and end it with $")
    }
    if pattern.hasBareDot { add(.bareDot, "a `.` stands for any character: write \\. for a dot") }
    // Other issuers name their signers in other ways.
    guard author.issuer.utf8.elementsEqual(TrustedKeys.gitHubIssuer.utf8) else { return found }
    let probe = Probe(author)
    guard let own = probe.own(pattern) else {
      add(.matchesNothing, "no workflow of `\(author.owner)` that was tried matches the pattern")
      return found
    }
    if let other = probe.others(own).first(where: pattern.matches) {
      add(.otherOwner, "the pattern accepts a workflow that is not of `\(author.owner)`: \(other)")
    }
    if let other = probe.workflows(own).first(where: pattern.matches) {
      add(.anyWorkflow, "the pattern accepts any workflow of a repository, also one that a pull request adds: \(other)")
    }
    if let other = probe.branches(own).first(where: pattern.matches) {
      add(.anyBranch, "the pattern accepts any branch, also one that nobody released from: \(other)")
    }
    return found
  }
}

/// Names of workflows that are tried, made of the words in the pattern itself.
private struct Probe {
  struct Name {
    var owner: String
    var repository: String
    var workflow: String
    var ref: String
    var text: String { "https://github.com/\(owner)/\(repository)/.github/workflows/\(workflow)@\(ref)" }
  }

  private let owner: String
  private let words: [String]

  init(_ author: TrustedAuthor) {
    owner = author.owner
    // Escaped characters stand for themselves; every other sign of a pattern ends a word.
    var words = [""]
    var isEscaped = false
    for scalar in author.identity.text.unicodeScalars {
      let isPlain: Bool =
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ":", "%": true
        default: false
        }
      if isEscaped || isPlain, scalar != "\\" {
        words[words.count - 1].unicodeScalars.append(scalar)
      } else if scalar != "\\", words.last != "" {
        words.append("")
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    // A pattern has at most 1000 bytes; a few words of it are enough.
    self.words = Array(Set(words.filter { (1...60).contains($0.utf8.count) }).sorted().prefix(24))
  }

  /// A workflow of the owner that the pattern accepts.
  func own(_ pattern: IdentityPattern) -> Name? {
    let repositories = ["plugin", "my-plugin", "my_plugin", owner] + words
    let workflows = ["release.yml", "release.yaml", "publish.yml", "build.yml", "ci.yml"] + words
    let refs = [
      "refs/tags/v1.2.3", "refs/tags/1.2.3", "refs/tags/v1", "refs/tags/latest", "refs/heads/main", "refs/heads/master",
    ]
    for repository in repositories {
      for workflow in workflows {
        for ref in refs + words.map({ "refs/heads/\($0)" }) + words.map({ "refs/tags/\($0)" }) {
          let name = Name(owner: owner, repository: repository, workflow: workflow, ref: ref)
          if pattern.matches(name.text) { return name }
        }
      }
    }
    return nil
  }

  func others(_ own: Name) -> [String] {
    let letters = Array(owner)
    // The owner with a letter less, with another letter, and whatever else the pattern's words might allow.
    let slips = letters.indices.flatMap { place in
      [nil, "a", "q", "0"].map { letter in
        String(letters[..<place]) + (letter ?? "") + String(letters[(place + 1)...])
      }
    }
    let other = ["x\(owner)", "\(owner)x", "\(owner)-x", "somebody-else", "abc", "evil"] + slips + words
    var names = other.filter { !$0.isEmpty && !isSameName($0, owner) }.map { other in
      var name = own
      name.owner = other
      return name.text
    }
    // The owner's name elsewhere in the address.
    names.append("https://github.com/somebody-else/\(own.text.dropFirst("https://".count))")
    names.append("https://example.org/?" + own.text)
    names.append("https://github.com.example.org/" + own.text.dropFirst("https://github.com/".count))
    names.append("https://githubxcom/" + own.text.dropFirst("https://github.com/".count))
    return names
  }

  func workflows(_ own: Name) -> [String] {
    ["zz-other.yml", "x\(own.workflow)"].map { other in
      var name = own
      name.workflow = other
      return name.text
    }
  }

  /// Branches that the pattern does not name.
  func branches(_ own: Name) -> [String] {
    let branches =
      ["zz-other", "abc", "dev", "feature/x", "v1", "v1.2.3", "v1.2.3-x", "release/1.2", "1.2.3"]
      + words.map { $0 + "x" }
    return (branches.filter { !words.contains($0) }.map { "refs/heads/" + $0 } + ["refs/pull/1/merge"]).map { other in
      var name = own
      name.ref = other
      return name.text
    }
  }
}
