#include "compose/compose_metrics.h"

#include <fmt/format.h>

#include <iterator>

namespace footlight::compose {
namespace {

void counter(std::string& text, std::string_view name, std::string_view help, uint64_t value) {
  fmt::format_to(std::back_inserter(text), "# HELP footlight_compose_{0} {1}\n# TYPE footlight_compose_{0} counter\n",
                 name, help);
  fmt::format_to(std::back_inserter(text), "footlight_compose_{} {}\n", name, value);
}

void gauge(std::string& text, std::string_view name, std::string_view help, double value) {
  fmt::format_to(std::back_inserter(text), "# HELP footlight_compose_{0} {1}\n# TYPE footlight_compose_{0} gauge\n",
                 name, help);
  fmt::format_to(std::back_inserter(text), "footlight_compose_{} {:.6g}\n", name, value);
}

}  // namespace

std::string metrics_text(const ComposeFigures& f, const PipeFigures& pipe, const IngestFigures& ingest) {
  std::string t;
  counter(t, "ticks_total", "Canvas ticks that passed.", f.programme.ticks);
  counter(t, "skipped_ticks_total", "Ticks without a picture of their own: the machine was too slow.",
          f.programme.skipped_ticks);
  counter(t, "jumps_total", "Times the process stood still for 10 s or more.", f.programme.jumps);
  counter(t, "audio_blocks_total", "Blocks of 20 ms of sound mixed.", f.programme.blocks);
  counter(t, "key_frames_total", "Key frames encoded.", f.programme.key_frames);
  counter(t, "requested_key_frames_total", "Key frames encoded because a viewer needed one.",
          f.programme.requested_key_frames);
  counter(t, "encoder_faults_total", "Pictures or sound that an encoder refused.", f.programme.encoder_faults);
  counter(t, "decoded_frames_total", "Source pictures decoded.", f.feeds.frames);
  counter(t, "damaged_frames_total", "Source pictures dropped as incomplete or undecodable.", f.feeds.damaged);
  counter(t, "late_frames_total", "Source pictures shown after their time.", f.feeds.late_frames);
  counter(t, "key_requests_total", "Key frames asked of sources.", f.feeds.key_requests);
  counter(t, "lost_packets_total", "Video packets of sources that never came.", f.feeds.lost);
  counter(t, "late_audio_packets_total", "Sound packets that came after their time.", f.feeds.speech.late);
  counter(t, "concealed_audio_samples_total", "Samples made up for lost sound.", f.feeds.speech.concealed);
  counter(t, "shortened_audio_samples_total", "Samples left out, unheard, to be nearer to the source again.",
          f.feeds.speech.shortened);
  counter(t, "pipe_rtp_packets_in_total", "RTP packets taken from the relay.", pipe.rtp_in);
  counter(t, "pipe_refused_packets_total", "Datagrams on the pipe that did not authenticate.", pipe.refused);
  counter(t, "pipe_stray_packets_total", "RTP packets of no known track.", f.strays);
  counter(t, "pipe_key_requests_in_total", "Key frames of the programme that viewers asked for.", pipe.key_requests_in);
  counter(t, "pipe_nacks_in_total", "Loss reports of the relay about the programme.", pipe.nacks_in);
  counter(t, "pipe_rtp_packets_out_total", "RTP packets of the programme sent.", pipe.rtp_out);
  counter(t, "pipe_repeated_packets_total", "RTP packets of the programme sent again.", pipe.repeats_out);
  counter(t, "pipe_refused_tasks_total", "Frames not sent because the pipe thread was behind.", f.tasks_refused);
  counter(t, "parts_total", "Parts that the origin acknowledged.", ingest.parts);
  counter(t, "ingest_retries_total", "Requests to the origin made again.", ingest.retries);
  counter(t, "ingest_conflicts_total", "409 answers of the origin.", ingest.conflicts);
  counter(t, "dropped_segments_total", "Segments given up because the origin took nothing for 10 s.",
          static_cast<uint64_t>(ingest.dropped_segments.load()));
  gauge(t, "ingest_queue_items", "Parts and init segments waiting for the origin.",
        static_cast<double>(ingest.queued.load()));
  gauge(t, "playout_delay_seconds", "Largest playout delay of a source: what its jitter asks for.",
        f.feeds.jitter_buffer_ms / 1000);
  gauge(t, "video_wait_seconds", "Longest that a source's pictures wait for its sound.", f.feeds.video_wait_ms / 1000);
  gauge(t, "audio_wait_seconds", "Longest that a source's sound waits for its pictures.", f.feeds.audio_wait_ms / 1000);
  gauge(t, "decode_seconds", "Running mean of decoding one picture, slowest source.", f.feeds.decode_ms / 1000);
  gauge(t, "mix_seconds", "Running mean of mixing one tick.", f.programme.mix_ms / 1000);
  gauge(t, "encode_seconds", "Running mean of encoding one picture.", f.programme.encode_ms / 1000);
  gauge(t, "package_seconds", "Running mean of handing one picture on.", f.programme.package_ms / 1000);
  return t;
}

}  // namespace footlight::compose
