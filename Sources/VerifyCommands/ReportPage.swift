import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// `--report`: the verdict as one HTML page that stands for itself. It loads nothing and runs nothing, which its own policy says too.
///
/// Every text from outside goes through `HTML.text`. What is drawn of material that was refused is what it claims, and says so.
struct ReportPage {
  private let report: Report
  /// Nil where the material could not be read.
  private let bundle: Bundle?
  private let label: String
  /// Program and arguments.
  private let words: [[UInt8]]
  private let now: UnixTime

  /// - Parameter label: of the file; nil for none.
  init(
    _ report: Report, _ bundle: Bundle?, label: String?, command: [[UInt8]], now: UnixTime
  ) {
    self.report = report
    self.bundle = bundle
    self.label = label ?? "no file"
    words = command
    self.now = now
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(HTML.text(isVerified ? "Verified" : "Refused")): \(HTML.text(label))</title>
    <style>
    \(ReportStyle.sheet)
    </style>
    </head>
    <body>
    <main>
    \(sections.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private var isVerified: Bool { report.status == .verified }

  private var sections: [String] {
    [verdict, facts] + (bundle == nil ? [] : [chain, times]) + (bundle?.logEntries ?? []).map(merklePath)
      + [checks, warnings, command].compactMap { $0 }
  }

  private func section(_ id: String, _ title: String, _ content: String) -> String {
    "<section id=\"\(id)\">\n<h2>\(HTML.text(title))</h2>\n\(content)\n</section>"
  }

  // MARK: The verdict

  private var verdict: String {
    switch report.outcome {
    case .verified, .listed:
      return "<header id=\"verdict\" class=\"yes\"><h1>Verified</h1><p>\(HTML.text(label))</p></header>"
    case .refused(let refusal, let further):
      let parts: [(String, String?)] = [
        ("why", refusal.detail), ("got", refusal.got), ("want", refusal.want), ("where", refusal.place),
        ("what to do", refusal.advice),
      ]
      let also = further.map { "<li>\(HTML.text($0.meaning)) <code>\(HTML.text($0.code))</code></li>" }.joined()
      return """
        <header id="verdict" class="no"><h1>Refused</h1><p>\(HTML.text(label))</p>
        <p>\(HTML.text(refusal.meaning)) <code>\(HTML.text(refusal.code))</code></p>
        \(HTML.list(parts.compactMap { part in part.1.map { (part.0, $0) } }))
        \(also.isEmpty ? "" : "<p>Also wrong:</p><ul>\(also)</ul>")</header>
        """
    }
  }

  private var facts: String {
    var rows: [(String, String)] = []
    switch report.outcome {
    case .verified(let artifact):
      rows.append(("signer", artifact.signer?.subject.text ?? "the given key"))
      if let signer = artifact.signer { rows.append(("vouched for by", signer.issuer)) }
      rows += artifact.signingTimes.map { ("signed at", $0.rfc3339) }
      if let digest = artifact.digest { rows.append(("digest", digest.text)) }
      if let statement = artifact.statement { rows.append(("attestation", statement.predicateType)) }
      for (claim, value) in (artifact.signer?.claims.values ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        rows.append((claim.name, value))
      }
    case .listed(let digest): rows.append(("digest", digest.text))
    case .refused:
      if let leaf {
        rows.append(("claims to be", (try? SubjectName(claimedBy: leaf))?.text ?? "nobody"))
        rows.append(("claims to be vouched for by", (try? FulcioClaims(claimedBy: leaf).issuer()) ?? "nobody"))
      }
    }
    rows.append(("looked at", now.rfc3339))
    rows.append(("trusted root", report.root?.source ?? "none"))
    return section("facts", "Who, when, where", HTML.list(rows))
  }

  // MARK: The certificate

  private var leaf: Certificate? {
    guard case .certificate(let der, _)? = bundle?.keyMaterial else { return nil }
    return try? Certificate(der: der)
  }

  private var chain: String {
    guard let leaf else {
      return section(
        "chain", "Certificate", "<p>None: the signature is one of a managed key, which the caller trusts.</p>")
    }
    let entry = report.trace.first { $0.step == .chain && $0.result == .passed }
    func fact(_ name: String) -> String? { entry?.facts.first { $0.name == name }?.value.rendered }
    let subject = (try? SubjectName(claimedBy: leaf))?.text ?? leaf.subjectText
    let digest = (try? sha256(leaf.der)).map { Hex.encode($0) } ?? ""
    var links = [("leaf", "\(subject)\nvalid \(leaf.validity.description)\nsha256 \(digest)")]
    links.append(("issuer", fact("issuer") ?? "\(leaf.issuerText) (as the certificate says; not verified)"))
    if let anchor = fact("anchor"), anchor != fact("issuer") { links.append(("trusted root", anchor)) }
    let boxes = links.map { "<li><b>\(HTML.text($0.0))</b><pre>\(HTML.text(lines: $0.1))</pre></li>" }
    return section("chain", "Certificate chain", "<ol class=\"chain\">\(boxes.joined())</ol>")
  }

  // MARK: Times

  private var times: String {
    var windows: [ReportDrawing.Window] = leaf.map { [.init(name: "leaf certificate", window: $0.validity)] } ?? []
    var moments: [(String, UnixTime)] = []
    for entry in report.trace where entry.result == .passed || entry.result == .noted {
      for fact in entry.facts {
        switch fact.value {
        case .window(let window) where fact.name != "leafValidity":
          windows.append(.init(name: "\(entry.step.rawValue): \(fact.name)", window: window))
        case .time(let time) where !["now", "refreshed", "witnessTime"].contains(fact.name):
          moments.append(("\(entry.step.rawValue): \(fact.name)", time))
        default: break
        }
      }
    }
    let close = leaf.flatMap { ReportDrawing.timeLine(windows: windows, moments: moments, around: $0.validity) }
    let long = ReportDrawing.timeLine(windows: windows, moments: moments, until: now)
    let rows = moments.map { ($0.0, $0.1.rfc3339) }
    return section(
      "times", "Times",
      [
        close.map { "<h3>Around the signature</h3>\($0)" }, long.map { "<h3>Over the years</h3>\($0)" },
        HTML.list(rows),
      ]
      .compactMap { $0 }.joined(separator: "\n"))
  }

  // MARK: The log

  private func merklePath(_ entry: LogEntry) -> String {
    guard let proof = entry.proof, let hash = try? MerkleProof.leafHash(entry.canonicalizedBody) else {
      return section(
        "log", "Log entry \(entry.logIndex)", "<p>The log's promise alone: no inclusion proof was given.</p>")
    }
    let levels = MerkleProof.levels(
      leafHash: hash, index: proof.logIndex, treeSize: proof.treeSize, hashes: proof.hashes)
    var rows = ["<li><b>leaf</b> index \(proof.logIndex)<code>\(Hex.encode(hash))</code></li>"]
    for level in levels {
      rows.append(
        "<li><span>\(level.siblingIsLeft ? "left" : "right") neighbour <code>\(Hex.encode(level.sibling))</code></span>"
          + "<code>\(Hex.encode(level.node))</code></li>")
    }
    let checkpoint = proof.checkpoint.flatMap { try? Checkpoint(parsing: $0) }
    let leadsThere = checkpoint.map { $0.rootHash == (levels.last?.node ?? hash) } ?? false
    let isSigned = isSigned(proof, of: entry)
    let signer = isSigned ? "the log signed it" : "that a log that is believed signed it was not established"
    let root = checkpoint.map { "<code>\(Hex.encode($0.rootHash))</code>" } ?? "none"
    rows.append(
      "<li class=\"\(!leadsThere ? "no" : isSigned ? "yes" : "open")\"><b>checkpoint</b> \(HTML.text(checkpoint?.origin ?? "")), tree of "
        + "\(proof.treeSize): \(leadsThere ? "the path leads to its root" : "the path does not lead to its root"); "
        + "\(signer)\(root)</li>")
    return section(
      "log", "From the entry to the checkpoint", "<ol class=\"merkle\">\(rows.joined(separator: "\n"))</ol>")
  }

  /// By the trace of this very checkpoint; other entries may be of logs that nobody believes.
  private func isSigned(_ proof: LogEntry.InclusionProof, of entry: LogEntry) -> Bool {
    guard let note = proof.checkpoint, let checkpoint = try? Checkpoint(parsing: note) else { return false }
    let expected: [(name: String, value: TraceEntry.Value)] = [
      ("logID", .bytes(entry.logID)), ("origin", .text(checkpoint.origin)), ("index", .number(proof.logIndex)),
      ("treeSize", .number(checkpoint.treeSize)), ("rootHash", .bytes(checkpoint.rootHash)),
    ]
    return report.trace.contains { item in
      item.step == .log && item.result == .passed
        && expected.allSatisfy { fact in item.facts.contains { $0.name == fact.name && $0.value == fact.value } }
    }
  }

  // MARK: The checks

  private var checks: String {
    let parts = Explanation(report.trace).sections.map { section in
      let entries = section.entries.map { entry in
        "<div class=\"check \(entry.result.rawValue)\"><p>\(HTML.text(entry.check))"
          + (entry.specification.isEmpty ? "" : " <small>\(HTML.text(entry.specification))</small>") + "</p>"
          + HTML.list(entry.facts.map { ($0.name, $0.value.rendered) }) + "</div>"
      }
      let word = ["passed": "yes", "failed": "no", "skipped": "not asked for", "noted": "seen"]
      return "<h3 class=\"\(section.result?.rawValue ?? "open")\">\(HTML.text(section.question)) "
        + "<b>\(section.result.flatMap { word[$0.rawValue] } ?? "not reached")</b></h3>\(entries.joined(separator: "\n"))"
    }
    return section("checks", "Every check", parts.joined(separator: "\n"))
  }

  private var warnings: String? {
    guard !report.notices.isEmpty else { return nil }
    let rows = report.notices.map { "<li>\(HTML.text($0.text)) <code>\(HTML.text($0.code))</code></li>" }
    return section("warnings", "To know", "<ul>\(rows.joined())</ul>")
  }

  private var command: String {
    let text = words.map { Self.quoted($0) }.joined(separator: " ")
    return section("command", "To repeat it", "<pre>\(HTML.text(text))</pre>")
  }

  /// As a shell reads it: plain words as they are, all others in single quotation marks.
  private static func quoted(_ word: [UInt8]) -> String {
    let text = Terminal.escaped(bytes: word)
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || "-_./:=@%+,".utf8.contains(byte)
      }
    guard !isPlain else { return text }
    // By scalars: to Swift a quotation mark with an accent is another character, to a shell it is not.
    return "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }
}

/// Text made fit for HTML: nothing that comes from outside is markup, moves the reading direction or is invisible.
enum HTML {
  static func text(_ text: String) -> String {
    var result = ""
    for scalar in Terminal.escaped(Terminal.cut(text, 8192)).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Of lines of ours, each with text from outside in it.
  static func text(lines: String) -> String {
    lines.split(separator: "\n", omittingEmptySubsequences: false).map { text(String($0)) }.joined(separator: "\n")
  }

  static func list(_ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    return "<dl>" + rows.map { "<dt>\(text($0.0))</dt><dd>\(text($0.1))</dd>" }.joined() + "</dl>"
  }
}
