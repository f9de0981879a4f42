import Foundation
import NexoInstall
import Support
import Synchronization
import VirtualSigstore
import WireCoding

/// An operator's desk: a configuration, a folder for plugins, a GitHub, and what the commands said.
final class Desk: Sendable {
  let folder: String
  let github: FakeGitHub
  private let variables: Mutex<[String: String]>
  private let cancels = Atomic<Bool>(false)
  private let clock = Mutex<Int64>(1_800_000_000)

  var config: String { folder + "/config" }
  var plugins: String { folder + "/plugins" }

  /// - Parameter trustedKeys: nil for no policy at all.
  init(
    _ samples: [SampleRelease] = [], trustedKeys: String? = nil,
    intercept: @escaping FakeGitHub.Interception = { _ in nil }
  ) throws {
    let path = NSTemporaryDirectory() + "/nexo-desk-" + UUID().uuidString
    folder = path
    github = try FakeGitHub(samples.map { FakeGitHub.Published($0) }, intercept: intercept)
    variables = Mutex(["NEXO_GITHUB_API_BASE": github.base, "HOME": path + "/home"])
    for name in ["config/extensions", "config/plugins", "home"] {
      try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }
    try write("config/plugins/discovery.yaml", "discovery:\n  search_paths: [\"\(path)/plugins\"]\n")
    let world = samples.first?.world ?? VirtualSigstore()
    try write("config/extensions/trusted_root.json", world.trustedRoot().rendered)
    if let trustedKeys { try write("config/extensions/trusted_keys.toml", trustedKeys) }
  }

  deinit {
    // Some tests take rights away.
    _ = try? Process.run(URL(fileURLWithPath: "/bin/chmod"), arguments: ["-R", "u+rwx", folder]).waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func write(_ name: String, _ text: String) throws {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  func set(_ name: String, _ value: String?) { variables.withLock { $0[name] = value } }
  func set(clock time: Int64) { clock.withLock { $0 = time } }
  func cancel() { cancels.store(true, ordering: .relaxed) }

  // MARK: Running

  struct Said: Sendable {
    let status: Int32
    let output: String
    let messages: String

    /// The one JSON object of `--json`.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
    }
    var kind: String? { json["kind"] as? String }
    var reason: String? { json["reason"] as? String }
    var error: String? { json["error"] as? String }
    var warnings: [String] { json["warnings"] as? [String] ?? [] }
    func text(_ key: String) -> String? { json[key] as? String }
    func flag(_ key: String) -> Bool? { json[key] as? Bool }
  }

  func run(_ command: (InstallContext) -> Int32) -> Said {
    let output = Pad()
    let messages = Pad()
    let time = clock.withLock { $0 }
    let context = InstallContext(
      environment: variables.withLock { $0 }, currentFolder: folder, now: { UnixTime(seconds: time) },
      output: { output.add($0) }, messages: { _ = messages.add($0) }, showsProgress: false,
      isCancelled: { self.cancels.load(ordering: .relaxed) })
    let status = command(context)
    return Said(status: status, output: output.text, messages: messages.text)
  }

  func install(
    _ coordinates: String = "example/plugin@v1.0.0", isJSON: Bool = true,
    _ change: (inout InstallOptions) -> Void = { _ in }
  ) -> Said {
    var options = InstallOptions(coordinates: coordinates, configFolder: config)
    options.target = "x86_64-unknown-linux-gnu"
    options.isJSON = isJSON
    // No test asks the public log.
    options.log.isOffline = true
    change(&options)
    return run { InstallCommand.run(options, in: $0) }
  }

  // MARK: Looking

  /// Every path below the plugin folder, sorted; folders end with a slash.
  var tree: [String] { Self.tree(plugins) }

  static func tree(_ path: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return names.map { ProjectFolder.isFolder(path + "/" + $0) ? $0 + "/" : $0 }.sorted()
  }

  func contents(_ name: String) -> String? {
    FileManager.default.contents(atPath: plugins + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }
}

private final class Pad: Sendable {
  private let all = Mutex("")
  var text: String { all.withLock { $0 } }
  func add(_ text: String) -> Bool {
    all.withLock { $0 += text }
    return true
  }
}
