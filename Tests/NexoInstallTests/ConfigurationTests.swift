import FileSystem
import Foundation
import Testing

@testable import NexoInstall

@Suite("discovery.yaml, broker.yaml and placeholders")
struct ConfigurationTests {
  private final class Config {
    let folder = NSTemporaryDirectory() + "/nexo-config-" + UUID().uuidString
    var environment = ["SET": "value", "EMPTY": "", "HOME": "/h"]

    init() throws {
      try FileManager.default.createDirectory(atPath: folder + "/plugins", withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var interpolation: Interpolation { Interpolation(environment: environment, currentFolder: folder) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
      let path = folder + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    func paths(_ text: String) throws -> [String] {
      try write("plugins/discovery.yaml", Array(text.utf8))
      return try DiscoverySettings.load(configFolder: folder, interpolation: interpolation).searchPaths
    }

    func broker(_ text: String) throws -> BrokerSettings? {
      try write("broker.yaml", Array(text.utf8))
      return try BrokerSettings.load(configFolder: folder, interpolation: interpolation)
    }

    func refusal(_ body: () throws -> Void) -> String? {
      let failure = #expect(throws: InstallFailure.self) { try body() }
      #expect(failure?.kind == .configLoad)
      return failure?.message.replacingOccurrences(of: folder, with: "CONFIG")
    }
  }

  @Test(
    "placeholders, as nexo-rs fills them in",
    arguments: [
      ("a ${SET} b", "a value b"), ("${SET}${SET}", "valuevalue"), ("${SET:-x}", "value"), ("${EMPTY:-x}", "x"),
      ("${UNSET:-x}", "x"), ("${UNSET:-}", ""), ("${EMPTY-x}", ""), ("${UNSET-x}", "x"), ("${UNSET-a-b}", "a-b"),
      ("$SET", "$SET"), ("${SET", "${SET"), ("$", "$"), ("a # ${UNSET}", "a # ${UNSET}"),
      ("'#' ${SET}", "'#' value"), ("\"#\" ${SET} # ${UNSET}", "\"#\" value # ${UNSET}"),
      ("# ${UNSET}\n${SET}", "# ${UNSET}\nvalue"),
    ])
  func placeholders(text: String, expected: String) throws {
    #expect(try Config().interpolation.apply(text, file: "F") == expected)
  }

  @Test("a placeholder without a value is an error that names it")
  func unset() throws {
    let problem = #expect(throws: Interpolation.Problem.self) { try Config().interpolation.apply("${NOPE}", file: "F") }
    #expect(problem?.text == "env var NOPE not set (referenced in F)")
  }

  @Test("secrets out of files: relative, or absolute in the folders for them; never upwards, never large")
  func secrets() throws {
    let config = try Config()
    try config.write("secrets/a", Array("  s3cret \n".utf8))
    try config.write("elsewhere/b", Array("b".utf8))
    try config.write("secrets/large", [UInt8](repeating: 0x61, count: 70_000))
    try config.write("secrets/binary", [0xff])
    #expect(try config.interpolation.apply("${file:\(config.folder)/secrets/a}", file: "F") == "s3cret")
    for path in ["../a", "a/../../b", config.folder + "/secrets/../elsewhere/b"] {
      let problem = #expect(throws: Interpolation.Problem.self) {
        try config.interpolation.apply("${file:\(path)}", file: "F")
      }
      #expect(problem?.text.contains("holds `..`") == true)
    }
    for path in ["/etc/hostname", config.folder + "/elsewhere/b", config.folder + "/secretsx/a"] {
      let problem = #expect(throws: Interpolation.Problem.self) {
        try config.interpolation.apply("${file:\(path)}", file: "F")
      }
      #expect(problem?.text.contains("is in none of") == true)
    }
    for name in ["large", "binary", "missing"] {
      #expect(throws: Interpolation.Problem.self) {
        try config.interpolation.apply("${file:\(config.folder)/secrets/\(name)}", file: "F")
      }
    }
    config.environment["CONFIG_SECRETS_DIR"] = config.folder + "/elsewhere"
    #expect(try config.interpolation.apply("${file:\(config.folder)/elsewhere/b}", file: "F") == "b")
  }

  @Test("search paths: placeholders and variables, an unset one is an error")
  func searchPaths() throws {
    let config = try Config()
    #expect(
      try DiscoverySettings.load(configFolder: config.folder, interpolation: config.interpolation).searchPaths == [])
    #expect(try config.paths("") == [])
    #expect(try config.paths("# nothing\n") == [])
    #expect(try config.paths("discovery:\n") == [])
    #expect(try config.paths("discovery:\n  search_paths:\n") == [])
    #expect(
      try config.paths("discovery:\n  search_paths: []\n  disabled: [a]\n  allowlist: []\n  follow_symlinks: true\n")
        == [])
    #expect(
      try config.paths(
        "schema_version: 3\ndiscovery:\n  search_paths: ['/a/', \"$HOME/b\", '${SET}/c', 'x$SET-d$', '$']\n")
        == ["/a", "/h/b", "value/c", "xvalue-d$", "$"])
    #expect(
      config.refusal { _ = try config.paths("discovery: {search_paths: ['$NOPE/x']}") }
        == "failed to load config from CONFIG/plugins/discovery.yaml: env var NOPE not set (in search path `$NOPE/x`)")
    #expect(
      config.refusal { _ = try config.paths("discovery: {search_paths: ['$EMPTY/x']}") }?.contains("EMPTY not set")
        == true)
    #expect(config.refusal { _ = try config.paths("discovery: {search_paths: ['']}") }?.contains("is empty") == true)
  }

  @Test(
    "files that are not what they should be, with their places",
    arguments: [
      ("discovery: {search_path: [a]}", "unknown key `search_path` at line 1, column"),
      ("other: 1", "unknown key `other` at line 1, column"), ("- a", "a mapping is due at line 1, column 1"),
      ("discovery: [a]", "a mapping is due at line 1, column"),
      ("discovery: {search_paths: a}", "`search_paths` is no list of texts at line 1"),
      ("discovery: {search_paths: [{a: b}]}", "`search_paths` is no list of texts at line 1"),
      ("discovery: {search_paths: [null]}", "`search_paths` is no list of texts at line 1"),
      ("discovery:\n  follow_symlinks: perhaps", "`follow_symlinks` is neither true nor false at line 2"),
      ("discovery: {search_paths: [a], search_paths: [b]}", ""), ("discovery: {", ""), ("a: b: c", ""),
      ("discovery: *x", ""), ("${NOPE}", "env var NOPE not set (referenced in CONFIG/plugins/discovery.yaml)"),
      (String(repeating: "[", count: 100_000), ""), (String(repeating: "- ", count: 100_000), ""),
      (String(repeating: "? ", count: 100_000), ""), ("[a]: b", "a key is no text"),
    ])
  func refused(text: String, expected: String) throws {
    let config = try Config()
    let message = config.refusal { _ = try config.paths(text) }
    #expect(
      message?.hasPrefix("failed to load config from CONFIG/plugins/discovery.yaml: " + expected) == true,
      "\(message ?? "")")
  }

  @Test("what is not text, too large, or no file")
  func bytes() throws {
    let config = try Config()
    for bytes in [[0xff, 0xfe], [UInt8](repeating: 0x20, count: 300_000)] {
      try config.write("plugins/discovery.yaml", bytes)
      #expect(
        config.refusal {
          _ = try DiscoverySettings.load(configFolder: config.folder, interpolation: config.interpolation)
        } != nil)
    }
    try FileManager.default.removeItem(atPath: config.folder + "/plugins/discovery.yaml")
    try FileManager.default.createDirectory(
      atPath: config.folder + "/plugins/discovery.yaml", withIntermediateDirectories: true)
    #expect(
      config.refusal {
        _ = try DiscoverySettings.load(configFolder: config.folder, interpolation: config.interpolation)
      } != nil)
  }

  @Test("the broker: kinds, address, seed file")
  func broker() throws {
    let config = try Config()
    #expect(try BrokerSettings.load(configFolder: config.folder, interpolation: config.interpolation) == nil)
    let whole = try config.broker(
      """
      schema_version: 1
      broker:
        type: nats
        url: nats://${SET}:4222
        auth: {enabled: true, nkey_file: /k}
        persistence: {enabled: false, path: ./data/queue}
        limits: {max_payload: 4MB, max_pending: 10000}
        fallback: {mode: local_queue, drain_on_reconnect: true}
      """)
    #expect(whole?.kind == .nats)
    #expect(whole?.url == "nats://value:4222")
    #expect(whole?.nkeySeedFile == "/k")
    #expect(try config.broker("broker: {type: nats, url: x, auth: {nkey_file: /k}}")?.nkeySeedFile == nil)
    #expect(try config.broker("broker: {type: local, url: ''}")?.kind == .local)
    #expect(try config.broker("broker: {type: stdio_bridge}")?.kind == .stdioBridge)
    for (text, expected) in [
      ("", "there is no `broker`"), ("broker: {url: x}", "broker.type is missing"),
      ("broker: {type: redis, url: x}", "broker.type is `redis`, not one of local, nats, stdio_bridge"),
      ("broker: {type: nats}", "broker.url is missing"), ("broker: {type: nats, url: ''}", "broker.url is missing"),
      ("broker: {type: nats, url: x, password: y}", "unknown key `password` at line 1"),
      ("broker: {type: nats, url: x, auth: {user: y}}", "unknown key `user` at line 1"),
      ("broker: {type: nats, url: x, auth: {enabled: maybe}}", "`enabled` is neither true nor false at line 1"),
      ("broker: {type: nats, url: x, limits: {max_pending: many}}", "`max_pending` is no whole number at line 1"),
      ("broker: {type: nats, url: [x]}", "`url` is no text at line 1"),
    ] {
      let message = config.refusal { _ = try config.broker(text) }
      #expect(
        message?.hasPrefix("failed to load config from CONFIG/broker.yaml: " + expected) == true, "\(message ?? "")")
    }
  }

  @Test("the state folder: NEXO_HOME, HOME, here; empty counts as unset")
  func state() {
    #expect(Directories(environment: ["NEXO_HOME": "/n", "HOME": "/h"]).state == "/n/state")
    #expect(Directories(environment: ["NEXO_HOME": "", "HOME": "/h"]).state == "/h/.nexo/state")
    #expect(Directories(environment: [:]).state == "./.nexo/state")
  }
}
