// The client protocol of tuf-conformance 2.4, on top of the product's TUF client: scripts/conformance/tuf runs it.
//
//     tuf-client --metadata-dir DIR init TRUSTED_ROOT.json
//     tuf-client --metadata-dir DIR --metadata-url URL refresh
//     tuf-client --metadata-dir DIR --metadata-url URL --target-name NAME … --target-dir DIR --target-base-url URL download
//
// Exits with 0, or with 1 whatever went wrong.

import FileSystem
import Glibc
import SigstoreServices
import SigstoreTrust
import Transport
import TrustStore
import WireCoding

struct Problem: Error { let text: String }

func run(_ arguments: [String]) throws {
  var options: [String: [String]] = [:]
  var words: [String] = []
  var rest = arguments[...]
  while let argument = rest.popFirst() {
    guard argument.hasPrefix("--") else {
      words.append(argument)
      continue
    }
    guard let value = rest.popFirst() else { throw Problem(text: "\(argument) needs a value") }
    options[argument, default: []].append(value)
  }
  func option(_ name: String) throws -> String {
    guard let value = options[name]?.first else { throw Problem(text: "\(name) is needed") }
    return value
  }
  let directory = try option("--metadata-dir")
  switch words.first {
  case "init":
    guard words.count == 2 else { throw Problem(text: "init takes one file") }
    let root = try InputFile.read(path: words[1], limit: MetadataLimits.root)
    _ = try TrustedMetadata(root: root, expiry: .unsafelyIgnored)
    try Folder.make(path: directory, mode: 0o700)
    let store = FolderStore(try Folder(path: directory), path: directory)
    try store.saveBeginning(root)
  case "refresh":
    var update = try update(directory, try option("--metadata-url"))
    try update.refresh()
  case "download":
    let folder = try Folder(path: try option("--target-dir"))
    var update = try update(
      directory, try option("--metadata-url"), targets: try repository(try option("--target-base-url")))
    try update.refresh()
    for name in options["--target-name"] ?? [] {
      guard let target = try update.target(name) else { throw Problem(text: "there is no target \(name)") }
      let file = PathSegment.encoded(name)
      if let kept = try? folder.read(file, limit: target.length), (try? target.check(kept)) != nil { continue }
      let bytes = try update.download(target)
      try folder.removeTree(file)
      try folder.create(file, mode: 0o644, bytes)
    }
  default: throw Problem(text: "init, refresh or download is needed")
  }
}

func repository(_ base: String) throws -> HTTPRepository {
  var rules = try TransportRules.repository(base, environment: [:])
  rules.firstBackoff = 0.05
  return HTTPRepository(base: base, client: HTTPClient(rules: rules))
}

func update(_ directory: String, _ base: String, targets: HTTPRepository? = nil) throws -> RepositoryUpdate {
  let folder = try Folder(path: directory)
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return try RepositoryUpdate(
    roots: [try folder.read("root.json", limit: MetadataLimits.root)], source: try repository(base), targets: targets,
    store: FolderStore(folder, path: directory), expiry: .enforced(at: UnixTime(seconds: Int64(now.tv_sec))))
}

do {
  try run(Array(CommandLine.arguments.dropFirst()))
} catch {
  let text = (error as? Problem)?.text ?? "\(error)"
  try? writeAll(Array("tuf-client: \(text)\n".utf8), to: STDERR_FILENO)
  exit(1)
}
