import FileSystem
import Foundation
import Glibc
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("A disk that misbehaves, and others at work on it")
struct DiskTroubleTests {
  private static func shell(_ script: String) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test("cancelling at any request ends with the old state")
  func cancel() throws {
    let sample = SampleRelease()
    for number in 0..<5 {
      let holder = Holder()
      let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) { request in
        if request.number == number { holder.desk?.cancel() }
        return nil
      }
      holder.desk = desk
      let before = Desk.tree(desk.folder)
      let said = desk.install()
      #expect(said.kind == "Interrupted", "\(number): \(said.output)")
      #expect(Desk.tree(desk.folder) == before)
      holder.desk = nil
    }
  }

  private final class Holder: @unchecked Sendable { weak var desk: Desk? }

  @Test("case 71: two installs of one plugin at once both end well")
  func atOnce() async throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let statuses = await withTaskGroup(of: Int32.self) { group in
      for _ in 0..<6 { group.addTask { desk.install().status } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == [0, 0, 0, 0, 0, 0])
    #expect(desk.tree.filter { !$0.hasPrefix("my_plugin-1.0.0/") } == [])
    #expect(desk.contents("my_plugin-1.0.0/lib/data.txt") == "data of 1.0.0\n")
  }

  @Test("case 71: while it is verified the tarball has no name, and a planted cache is not looked at")
  func nameless() throws {
    let sample = SampleRelease()
    let seen = Seen()
    let holder = Holder()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) { request in
      // The bundle is fetched when the tarball is here and hashed.
      if request.target.hasSuffix(".bundle"), let desk = holder.desk { seen.set(desk.tree) }
      return nil
    }
    holder.desk = desk
    var evil = sample
    evil.items[4].bytes = Array("planted\n".utf8)
    for (ending, bytes) in [("", evil.tarball), (".bundle", evil.assets()[evil.tarballName + ".bundle"] ?? [])] {
      let path = "home/.nexo/state/plugin-install-cache/" + sample.tarballName + ending
      try desk.write(path, "")
      try Data(bytes).write(to: URL(fileURLWithPath: desk.folder + "/" + path))
    }
    #expect(desk.install().status == 0)
    #expect(desk.contents("my_plugin-1.0.0/lib/data.txt") == "data of 1.0.0\n")
    #expect(seen.tree.count == 2)
    #expect(seen.tree.allSatisfy { $0.hasPrefix(".nexo-staging/") && $0.hasSuffix("/") })
    holder.desk = nil
  }

  private final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var paths: [String] = []
    var tree: [String] { lock.withLock { paths } }
    func set(_ tree: [String]) { lock.withLock { paths = tree } }
  }

  @Test("case 72: staging of a dead run is swept, staging of a living one is not")
  func sweep() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    try FileManager.default.createDirectory(
      atPath: desk.plugins + "/.nexo-staging/dead/tree/lib", withIntermediateDirectories: true)
    let root = try PluginRoot(path: desk.plugins, create: true)
    // Made while the dead one is there: the sweep is part of it.
    var living: Staging? = try root.makeStaging()
    try living?.folder.create("mine", mode: 0o600, [1])
    #expect(!desk.tree.contains(".nexo-staging/dead/"))
    #expect(desk.install().status == 0)
    #expect(desk.tree.contains { $0.hasPrefix(".nexo-staging/") && $0.hasSuffix("/mine") })
    withExtendedLifetime(living) {}
    living = nil
    #expect(!desk.tree.contains { $0.hasPrefix(".nexo-staging") })
  }

  @Test("a destination that is a file")
  func destinationIsFile() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    try desk.write("plugins", "a file")
    let said = desk.install()
    #expect(said.kind == "Io")
    #expect(said.error?.hasPrefix("install io error: create dest: ") == true)
    #expect(FileManager.default.contents(atPath: desk.plugins) == Data("a file".utf8))
  }

  @Test("a destination on a read-only file system, and on one that is full")
  func smallFileSystem() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let mount = desk.folder + "/mount"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    guard Self.shell("mount -t tmpfs -o size=64k none '\(mount)'") == 0 else {
      print("skipped: no file system can be mounted here")
      return
    }
    defer { _ = Self.shell("umount '\(mount)'") }
    // Room for the tarball, not for what is in it as well.
    try Data(repeating: 1, count: 45 << 10).write(to: URL(fileURLWithPath: mount + "/ballast"))
    let full = desk.install { $0.destination = mount + "/plugins" }
    #expect(["Io", "ExtractIo"].contains(full.kind))
    #expect(full.error?.contains("No space left on device") == true, "\(full.output)")
    #expect(Desk.tree(mount) == ["ballast"])
    #expect(Self.shell("mount -o remount,ro '\(mount)'") == 0)
    let readOnly = desk.install { $0.destination = mount + "/plugins" }
    #expect(readOnly.kind == "Io")
    #expect(readOnly.error?.contains("Read-only file system") == true, "\(readOnly.output)")
    #expect(Self.shell("mount -o remount,rw '\(mount)' && rm '\(mount)/ballast'") == 0)
    #expect(desk.install { $0.destination = mount + "/plugins" }.status == 0)
  }

  @Test("a home that cannot be written is no obstacle where a search path is configured")
  func readOnlyHome() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    desk.set("HOME", "/proc/nowhere")
    #expect(desk.install().status == 0)
  }

  @Test("without a search path the state folder stands in, and says so first")
  func fallback() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    try desk.write("config/plugins/discovery.yaml", "discovery:\n  search_paths:\n")
    let said = desk.install(isJSON: false)
    let path = desk.folder + "/home/.nexo/state/plugins"
    #expect(
      said.messages.hasPrefix("! plugins.discovery.search_paths empty in config; defaulting to \(path)\n→ Resolving "))
    #expect(FileManager.default.fileExists(atPath: path + "/my_plugin-1.0.0/bin/my_plugin"))
    // And is searched again.
    let listed = desk.run { ListCommand.run(configFolder: desk.config, includesOrphans: false, isJSON: false, in: $0) }
    #expect(listed.output.contains("my_plugin"))
  }

  @Test("a destination outside of every search path is named in a warning")
  func otherDestination() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let said = desk.install { $0.destination = desk.folder + "/elsewhere/" }
    #expect(said.status == 0)
    #expect(said.text("plugin_dir") == desk.folder + "/elsewhere/my_plugin-1.0.0")
    #expect(said.warnings.contains { $0.contains("is in no search path") })
  }

  @Test("case 79: what is recorded lies in the folder before the folder gets its name")
  func recordFirst() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    let seen = Watch()
    // Looks at the plugin folder all the time while the install runs.
    let thread = Thread {
      while !seen.isOver {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: desk.plugins)) ?? []
        for name in names where name.hasPrefix("my_plugin") {
          if !FileManager.default.fileExists(atPath: desk.plugins + "/" + name + "/" + InstallRecord.name) {
            seen.note()
          }
        }
      }
    }
    thread.start()
    #expect(desk.install().status == 0)
    seen.end()
    #expect(!seen.sawFolderWithoutRecord)
  }

  private final class Watch: @unchecked Sendable {
    private let lock = NSLock()
    private var over = false
    private var saw = false
    var isOver: Bool { lock.withLock { over } }
    var sawFolderWithoutRecord: Bool { lock.withLock { saw } }
    func end() { lock.withLock { over = true } }
    func note() { lock.withLock { saw = true } }
  }
}
