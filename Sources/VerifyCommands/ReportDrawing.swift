import WireCoding

/// Time lines as SVG. Numbers and fixed words only; names go through `HTML.text`.
enum ReportDrawing {
  struct Window {
    let name: String
    let window: TimeWindow
  }

  private static let width = 720.0
  private static let left = 200.0
  private static let row = 22.0

  /// The minutes of a short-lived certificate: its window with a third of its length on either side.
  static func timeLine(windows: [Window], moments: [(String, UnixTime)], around window: TimeWindow) -> String? {
    guard let start = window.start?.seconds, let end = window.end?.seconds, end > start else { return nil }
    let margin = (end - start) / 3 + 1
    return drawing(windows, moments, from: start - margin, to: end + margin)
  }

  /// From the first beginning to `now`.
  static func timeLine(windows: [Window], moments: [(String, UnixTime)], until now: UnixTime) -> String? {
    let starts = windows.compactMap { $0.window.start?.seconds } + moments.map(\.1.seconds)
    guard let first = starts.min(), first < now.seconds else { return nil }
    return drawing(windows, moments, from: first, to: now.seconds + (now.seconds - first) / 20 + 1)
  }

  private static func drawing(
    _ windows: [Window], _ moments: [(String, UnixTime)], from first: Int64, to last: Int64
  ) -> String {
    let span = Double(last) - Double(first)
    func x(_ seconds: Int64) -> Double {
      let share = (Double(seconds) - Double(first)) / span
      return left + min(1, max(0, share)) * (width - left - 8)
    }
    func number(_ value: Double) -> String { String(Int(value.rounded())) }
    let height = row * Double(windows.count + 2)
    var parts: [String] = []
    for (index, item) in windows.enumerated() {
      let y = row * Double(index) + 4
      let start = x(item.window.start?.seconds ?? first)
      let end = x(item.window.end?.seconds ?? last)
      parts.append(
        "<text x=\"0\" y=\"\(number(y + 12))\">\(HTML.text(item.name))</text>"
          + "<rect class=\"window\" x=\"\(number(start))\" y=\"\(number(y))\" "
          + "width=\"\(number(max(2, end - start)))\" height=\"14\"><title>\(HTML.text(item.window.description))</title></rect>"
      )
    }
    for (name, time) in moments where time.seconds >= first && time.seconds <= last {
      let position = number(x(time.seconds))
      parts.append(
        "<line class=\"moment\" x1=\"\(position)\" x2=\"\(position)\" y1=\"0\" y2=\"\(number(row * Double(windows.count)))\">"
          + "<title>\(HTML.text("\(name) \(time.rfc3339)"))</title></line>")
    }
    let y = number(row * Double(windows.count) + 16)
    parts.append("<text x=\"\(number(left))\" y=\"\(y)\">\(UnixTime(seconds: first).rfc3339)</text>")
    parts.append(
      "<text x=\"\(number(width - 8))\" y=\"\(y)\" text-anchor=\"end\">\(UnixTime(seconds: last).rfc3339)</text>")
    return
      "<svg role=\"img\" aria-label=\"windows of validity and signing times\" viewBox=\"0 0 \(number(width)) \(number(height))\">"
      + parts.joined(separator: "\n") + "</svg>"
  }
}

/// Light and dark by the reader's own setting, black on white on paper.
enum ReportStyle {
  static let sheet = """
    :root { color-scheme: light dark; --page: #fff; --ink: #1a1a1a; --quiet: #5a5a5a; --line: #d0d0d0; --yes: #0a6b2d; --no: #a3160f; --bar: #9dbbe0; }
    @media (prefers-color-scheme: dark) { :root { --page: #16181c; --ink: #e8e8e8; --quiet: #a5a5a5; --line: #3a3d44; --yes: #5fd38a; --no: #ff8a80; --bar: #3b5f8a; } }
    @media print { :root { --page: #fff; --ink: #000; --quiet: #333; --line: #999; --yes: #040; --no: #600; --bar: #bbb; } section { break-inside: avoid; } }
    body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 0; }
    main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
    h1 { margin: 0; font-size: 2rem; } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; } h3 { margin-bottom: .25rem; }
    header { border-left: .5rem solid; padding: .5rem 1rem; } .yes { border-color: var(--yes); } .no { border-color: var(--no); }
    header.yes h1, h3.passed b, li.yes b { color: var(--yes); } header.no h1, h3.failed b, li.no b { color: var(--no); }
    dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .1rem 1rem; margin: .25rem 0; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
    code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0; }
    ol.chain, ol.merkle { list-style: none; padding: 0; } ol.chain li, ol.merkle li { border: 1px solid var(--line); padding: .4rem .75rem; margin: .5rem 0; }
    ol.merkle code { display: block; } ol.merkle span { color: var(--quiet); }
    .check { border-left: 3px solid var(--line); padding-left: .75rem; margin: .4rem 0; } .check p { margin: 0; } .check.failed { border-color: var(--no); } small { color: var(--quiet); }
    svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 11px ui-monospace, monospace; } svg .window { fill: var(--bar); } svg .moment { stroke: var(--no); stroke-width: 2; }
    """
}
