"""Reads what TensorBoardWriter and ProjectorWriter left in a folder with Protocol Buffers' own library and the schema
that TensorFlow publishes (event.proto, summary.proto, projector_config.proto): tensorboard_check.py FOLDER. Prints what
the events say, one line each; fails for a wrong frame, checksum, or field that the schema does not have."""
import pathlib
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

SCHEMA = {
    "Event": "double wall_time 1, int64 step 2, string file_version 3, bytes graph_def 4, Summary summary 5,"
             "SessionLog session_log 7, bytes meta_graph_def 9",
    "SessionLog": "int32 status 1, string checkpoint_path 2, string msg 3",
    "Summary": "Value* value 1",
    "Value": "string node_name 7, string tag 1, SummaryMetadata metadata 9, float simple_value 2, Image image 4,"
             "HistogramProto histo 5",
    "SummaryMetadata": "PluginData plugin_data 1, string display_name 2, string summary_description 3, int32 data_class 4",
    "PluginData": "string plugin_name 1, bytes content 2",
    "Image": "int32 height 1, int32 width 2, int32 colorspace 3, bytes encoded_image_string 4",
    "HistogramProto": "double min 1, double max 2, double num 3, double sum 4, double sum_squares 5,"
                      "double* bucket_limit 6, double* bucket 7",
    "ProjectorConfig": "string model_checkpoint_path 1, EmbeddingInfo* embeddings 2, string model_checkpoint_dir 3",
    "EmbeddingInfo": "string tensor_name 1, string metadata_path 2, string bookmarks_path 3, uint32* tensor_shape 4,"
                     "SpriteMetadata sprite 5, string tensor_path 6",
    "SpriteMetadata": "string image_path 1, uint32* single_image_dim 2",
}


def make_types():
    file = descriptor_pb2.FileDescriptorProto(name="schema.proto", package="schema", syntax="proto3")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for field in fields.split(","):
            kind, field_name, number = field.split()
            entry = message.field.add(name=field_name, number=int(number))
            entry.label = entry.LABEL_REPEATED if kind.endswith("*") else entry.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            if kind in SCHEMA:
                entry.type, entry.type_name = entry.TYPE_MESSAGE, ".schema." + kind
            else:
                entry.type = getattr(entry, "TYPE_" + kind.upper())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(pool.FindMessageTypeByName("schema." + name)) for name in SCHEMA}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, length_crc = struct.unpack_from("<QI", data, at)
        assert masked(data[at:at + 8]) == length_crc, "checksum of a length"
        body = data[at + 12:at + 12 + length]
        assert len(body) == length, "a whole record"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(body), "checksum of a record"
        yield body
        at += 16 + length


def describe(event):
    if event.file_version:
        return "version " + event.file_version
    if event.HasField("session_log"):
        return f"session {event.session_log.status} from step {event.step}"
    (value,) = event.summary.value
    if value.HasField("image"):
        i = value.image
        return f"{event.step} {value.tag}: image {i.height} x {i.width}, {i.colorspace} channels, " + repr(
            i.encoded_image_string[1:4].decode())
    if value.HasField("histo"):
        h = value.histo
        assert len(h.bucket) == len(h.bucket_limit) and sum(h.bucket) == h.num, "buckets"
        return f"{event.step} {value.tag}: histogram of {h.num:g}, {h.min:g} to {h.max:g}, sum {h.sum:g}"
    return f"{event.step} {value.tag}: {value.simple_value:g}"


def main(folder):
    types = make_types()
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for body in records(file.read_bytes()):
            event = types["Event"].FromString(body)
            known = types["Event"].FromString(body)
            known.DiscardUnknownFields()
            assert known.ByteSize() == event.ByteSize(), "no field beyond the schema"
            print(describe(event))
    config = folder / "projector_config.pbtxt"
    if config.exists():
        for entry in text_format.Parse(config.read_text(), types["ProjectorConfig"]()).embeddings:
            rows = (folder / entry.tensor_path).read_text().splitlines()
            print(f"embedding {entry.tensor_name}: {len(rows)} x {len(rows[0].split(chr(9)))}",
                  entry.metadata_path or "no labels", list(entry.sprite.single_image_dim))


main(pathlib.Path(sys.argv[1]))
