import Foundation
import Testing

@testable import NexoInstall

@Suite("discovery.yaml and broker.yaml, as files come about and as they break")
struct SettingsYAMLTests {
  private final class Config {
    let folder = NSTemporaryDirectory() + "/nexo-yaml-" + UUID().uuidString
    let environment = ["SET": "value", "LONG": String(repeating: "x", count: 100_000), "PASSWORD": "hunter2: {"]

    init() throws {
      for name in ["plugins", "secrets"] {
        try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
      }
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var interpolation: Interpolation { Interpolation(environment: environment, currentFolder: folder) }

    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    func paths(_ text: String) throws -> [String] {
      try write("plugins/discovery.yaml", text)
      return try DiscoverySettings.load(configFolder: folder, interpolation: interpolation).searchPaths
    }

    func broker(_ text: String) throws -> BrokerSettings? {
      try write("broker.yaml", text)
      return try BrokerSettings.load(configFolder: folder, interpolation: interpolation)
    }

    /// What stands behind `failed to load config from CONFIG/…yaml: `.
    func refusal(_ name: String = "plugins/discovery.yaml", _ body: () throws -> Void) -> String? {
      let failure = #expect(throws: InstallFailure.self) { try body() }
      #expect(failure?.kind == .configLoad)
      let prefix = "failed to load config from \(folder)/\(name): "
      return failure.flatMap { $0.message.hasPrefix(prefix) ? String($0.message.dropFirst(prefix.count)) : nil }
    }
  }

  @Test(
    "placeholders by scalars: line ends of Windows, and marks that Unicode joins to a sign",
    arguments: [
      ("# a\r\n${SET}\r\n", "# a\r\nvalue\r\n"), ("a #\u{301} ${UNSET}", "a #\u{301} ${UNSET}"),
      ("'\u{301}#' ${SET}", "'\u{301}#' value"), ("${SET}\u{301}", "value\u{301}"), ("$\u{301}{SET}", "$\u{301}{SET}"),
    ])
  func scalars(text: String, expected: String) throws {
    let result = try Config().interpolation.apply(text, file: "F")
    #expect(result.utf8.elementsEqual(expected.utf8), "\(result.debugDescription)")
  }

  @Test("variables by scalars: a mark behind a name is no part of it")
  func variables() throws {
    let interpolation = try Config().interpolation
    #expect(try interpolation.expandVariables("/$SET\u{301}/x").utf8.elementsEqual("/value\u{301}/x".utf8))
    let problem = #expect(throws: Interpolation.Problem.self) { try interpolation.expandVariables("$SET_") }
    #expect(problem?.text == "env var SET_ not set (in search path `$SET_`)")
  }

  @Test("secrets: relative to the current folder; `..` and absolute paths are seen behind every mark")
  func secrets() throws {
    let config = try Config()
    try config.write("secrets/a", "s3cret\n")
    try config.write("\u{301}b", "outside")
    #expect(try config.interpolation.apply("${file:secrets/a}", file: "F") == "s3cret")
    for (path, expected) in [
      ("secrets/../\u{301}b", "secrets/../\u{301}b holds `..` (referenced in F)"),
      (
        "/\u{301}b",
        "/\u{301}b is in none of /run/secrets, /var/run/secrets, \(config.folder)/secrets (referenced in F)"
      ),
      ("secrets/b", "secrets/b: No such file or directory (os error 2) (referenced in F)"),
      ("secrets", "secrets: Is a directory (os error 21) (referenced in F)"),
    ] {
      let problem = #expect(throws: Interpolation.Problem.self) {
        try config.interpolation.apply("${file:\(path)}", file: "F")
      }
      #expect(problem?.text == expected)
    }
  }

  @Test("what placeholders fill in has a limit")
  func limit() throws {
    let config = try Config()
    #expect(try config.interpolation.apply(String(repeating: "${LONG}", count: 10), file: "F").utf8.count == 1_000_000)
    let problem = #expect(throws: Interpolation.Problem.self) {
      try config.interpolation.apply(String(repeating: "${LONG}", count: 30_000), file: "F")
    }
    #expect(problem?.text == "the placeholders of F fill in more than 1048576 bytes")
  }

  @Test(
    "a file that is no YAML: one line, with the place, and nothing of what stands there",
    arguments: [
      ("broker: {url: ${PASSWORD}, type", "did not find expected ',' or '}' at line"),
      ("broker:\n  url: ${PASSWORD}\n", "mapping values are not allowed in this context at line 2, column 15"),
      ("broker: {type: nats}\nbroker: {url: '${PASSWORD}'}", "key `broker` stands twice at line"),
      ("broker: *x # ${PASSWORD}", "found undefined alias at line 1, column 9"),
      ("broker: 1\n---\nbroker: '${PASSWORD}'", "but found another document at line 2, column 1"),
      ("broker: '${PASSWORD}'\u{1}", "control characters are not allowed"),
    ])
  func noYAML(text: String, expected: String) throws {
    let config = try Config()
    let reason = config.refusal("broker.yaml") { _ = try config.broker(text) }
    #expect(reason?.hasPrefix(expected) == true, "\(reason ?? "")")
    #expect(reason?.contains("hunter2") == false)
    #expect(reason?.contains("\n") == false)
  }

  @Test(
    "texts, flags and numbers are told apart, as nexo-rs does",
    arguments: [
      ("discovery: {search_paths: [1]}", "`search_paths` is no list of texts at line 1, column 28"),
      ("discovery: {search_paths: [-1.5e3]}", "`search_paths` is no list of texts at line 1, column 28"),
      ("discovery: {search_paths: [0x1f]}", "`search_paths` is no list of texts at line 1, column 28"),
      ("discovery: {search_paths: [true]}", "`search_paths` is no list of texts at line 1, column 28"),
      ("discovery: {search_paths: [!!int '1']}", "`search_paths` is no list of texts at line 1, column 28"),
      ("discovery: {disabled: [{=: a}]}", "`disabled` is no list of texts at line 1, column 24"),
      ("discovery: {follow_symlinks: 'true'}", "`follow_symlinks` is neither true nor false at line 1, column 30"),
      ("discovery: {follow_symlinks: yes}", "`follow_symlinks` is neither true nor false at line 1, column 30"),
      ("discovery: {search_paths: [a], !x search_paths: [b]}", "a key is no text at line 1, column 32"),
      ("discovery: {search_paths: [\"/a\\0b\"]}", "`search_paths` holds a NUL character at line 1, column 28"),
    ])
  func types(text: String, expected: String) throws {
    let config = try Config()
    #expect(config.refusal { _ = try config.paths(text) } == expected)
  }

  @Test("texts that only look like something else are texts; slashes at the end do not count")
  func texts() throws {
    #expect(
      try Config().paths(
        "discovery: {search_paths: ['1', no, 1.2.3, 12:30, 2001-01-01, !!str 1, a//, //, \"true\"], follow_symlinks: TRUE}"
      )
        == ["1", "no", "1.2.3", "12:30", "2001-01-01", "1", "a", "/", "true"])
  }

  @Test("numbers of the broker are whole and not below zero")
  func numbers() throws {
    let config = try Config()
    let text = { (value: String) in "broker: {type: nats, url: x, limits: {max_payload: 4MB, max_pending: \(value)}}" }
    #expect(try config.broker(text("0"))?.url == "x")
    for value in ["-1", "1.5", "'1'", "99999999999999999999", "1:20"] {
      #expect(
        config.refusal("broker.yaml") { _ = try config.broker(text(value)) }
          == "`max_pending` is no whole number at line 1, column 70", "\(value)")
    }
    #expect(
      config.refusal("broker.yaml") { _ = try config.broker("broker: {type: nats, url: \"x\\0y\"}") }
        == "`url` holds a NUL character at line 1, column 27")
  }

  @Test("a few aliases are read; aliases that multiply in a key are refused before they are looked at")
  func aliases() throws {
    let config = try Config()
    #expect(try config.paths("discovery: {disabled: &x [a], search_paths: *x}") == ["a"])
    var bomb = "x0: &x0 [a,a,a,a,a,a,a,a,a,a]\n"
    for level in 1..<12 {
      bomb += "x\(level): &x\(level) [\((0..<10).map { _ in "*x\(level - 1)" }.joined(separator: ","))]\n"
    }
    #expect(config.refusal { _ = try config.paths(bomb + "? *x11\n: a\n") } == "more than 10 aliases")
    // In a comment line they are none.
    #expect(try config.paths(String(repeating: "  # *x *y *z\n", count: 9) + "discovery: {search_paths: [a]}") == ["a"])
  }

  @Test("a folder of the configuration that is a link to nowhere is no missing file")
  func danglingFolder() throws {
    let config = try Config()
    try FileManager.default.removeItem(atPath: config.folder + "/plugins")
    let load = { try DiscoverySettings.load(configFolder: config.folder, interpolation: config.interpolation) }
    #expect(try load().searchPaths == [])
    try FileManager.default.createSymbolicLink(atPath: config.folder + "/plugins", withDestinationPath: "nowhere")
    #expect(config.refusal { _ = try load() } == "No such file or directory (os error 2)")
  }

  @Test("5000 changed bytes of good files: read or refused, never a trap")
  func mutations() throws {
    let config = try Config()
    let discovery = Array(
      "discovery:\n  search_paths: &p ['/a/', \"$SET\\u00e4/b\", '${SET}/c']\n  disabled: *p\n  follow_symlinks: true\n"
        .utf8)
    let broker = Array(
      "schema_version: 1\nbroker:\n  type: nats\n  url: >-\n    nats://${SET:-x}:1\n  auth: {enabled: true, nkey_file: !!str /k}\n"
        .utf8)
    let signs = Array("&*!|>%@`?:-,[]{}#\"'\\$~=<\n\r\t \u{0}".utf8)
    var numbers = Numbers(seed: 13)
    var accepted = 0
    for round in 0..<5000 {
      var bytes = round % 2 == 0 ? discovery : broker
      for _ in 0...numbers.below(3) {
        let byte = numbers.below(2) == 0 ? UInt8(numbers.below(256)) : signs[numbers.below(signs.count)]
        bytes[numbers.below(bytes.count)] = byte
      }
      let path = config.folder + (round % 2 == 0 ? "/plugins/discovery.yaml" : "/broker.yaml")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do {
        if round % 2 == 0 {
          _ = try DiscoverySettings.load(configFolder: config.folder, interpolation: config.interpolation)
        } else {
          _ = try BrokerSettings.load(configFolder: config.folder, interpolation: config.interpolation)
        }
        accepted += 1
      } catch { #expect(error.kind == .configLoad) }
    }
    #expect(accepted > 0)
  }
}
