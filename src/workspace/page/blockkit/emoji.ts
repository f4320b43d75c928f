/** Short names an operations app and its readers are likely to write; a name that is not here stays as written. */
const TABLE = `
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|heavy_multiplication_x ✖️|negative_squared_cross_mark ❎|warning ⚠️|rotating_light 🚨
no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|construction 🚧|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|timer_clock ⏲️|alarm_clock ⏰|watch ⌚
calendar 📆|date 📅|spiral_calendar_pad 🗓️|key 🔑|old_key 🗝️|closed_lock_with_key 🔐|lock 🔒|unlock 🔓|lock_with_ink_pen 🔏|shield 🛡️
package 📦|floppy_disk 💾|minidisc 💽|cd 💿|card_file_box 🗃️|file_cabinet 🗄️|file_folder 📁|open_file_folder 📂|page_facing_up 📄|memo 📝|pencil 📝|clipboard 📋|scroll 📜|bookmark_tabs 📑|paperclip 📎|link 🔗
rocket 🚀|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_forward ▶️|arrow_backward ◀️|arrow_up_small 🔼|arrow_down_small 🔽|fast_forward ⏩|rewind ⏪|arrows_counterclockwise 🔄|arrows_clockwise 🔃|repeat 🔁|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|track_next ⏭️|double_vertical_bar ⏸️|pause_button ⏸️|black_square_for_stop ⏹️|black_circle_for_record ⏺️
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_red_square 🟥|large_green_square 🟩|large_yellow_square 🟨|large_blue_square 🟦|white_large_square ⬜|black_large_square ⬛|white_square_button 🔳|radio_button 🔘|small_orange_diamond 🔸|small_blue_diamond 🔹|large_orange_diamond 🔶|large_blue_diamond 🔷
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zero 0️⃣|hash #️⃣
information_source ℹ️|question ❓|grey_question ❔|exclamation ❗|grey_exclamation ❕|bangbang ‼️|heavy_plus_sign ➕|heavy_minus_sign ➖|recycle ♻️|anchor ⚓|zap ⚡|fire 🔥|boom 💥|sparkles ✨|star ⭐|tada 🎉|bulb 💡|bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|speech_balloon 💬|thought_balloon 💭|eyes 👀|eye 👁️|mag 🔍|mag_right 🔎|telescope 🔭
wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|toolbox 🧰|broom 🧹|wastebasket 🗑️|electric_plug 🔌|battery 🔋|satellite_antenna 📡|globe_with_meridians 🌐|earth_africa 🌍|computer 💻|desktop_computer 🖥️|keyboard ⌨️|printer 🖨️|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|thermometer 🌡️
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|wave 👋|ok_hand 👌|raised_hand ✋|hand ✋|raised_hands 🙌|clap 👏|pray 🙏|muscle 💪|point_right 👉|point_left 👈|point_up ☝️|point_down 👇|handshake 🤝|writing_hand ✍️
smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|wink 😉|thinking_face 🤔|sweat_smile 😅|cry 😢|sob 😭|scream 😱|robot_face 🤖|ghost 👻|bust_in_silhouette 👤|busts_in_silhouette 👥|heart ❤️|green_heart 💚|broken_heart 💔|snail 🐌|turtle 🐢|bug 🐛|whale 🐳|elephant 🐘|evergreen_tree 🌲|seedling 🌱|sunny ☀️|cloud ☁️|umbrella ☔|snowflake ❄️|coffee ☕|ship 🚢|ambulance 🚑|fire_engine 🚒|checkered_flag 🏁|triangular_flag_on_post 🚩|white_flag 🏳️|trophy 🏆|medal 🏅|new 🆕|sos 🆘|ok 🆗|up 🆙|back 🔙|end 🔚|soon 🔜|test_tube 🧪|microscope 🔬|ledger 📒|books 📚|envelope ✉️|email ✉️|inbox_tray 📥|outbox_tray 📤|incoming_envelope 📨|classical_building 🏛️|office 🏢|house 🏠|compass 🧭|ladder 🪜|brick 🧱|bricks 🧱|door 🚪|hammer_and_pick ⚒️|crossed_swords ⚔️|scales ⚖️|chains ⛓️|game_die 🎲|crystal_ball 🔮|label 🏷️|pushpin 📌|round_pushpin 📍|card_index 📇|shrug 🤷
`;

const EMOJI: ReadonlyMap<string, string> = new Map(
  TABLE.split(/[|\n]/)
    .map((entry) => entry.trim().split(' '))
    .flatMap(([name, sign]) => (name !== undefined && sign !== undefined ? [[name, sign] as const] : [])),
);

/** The sign of a Slack emoji short name (without colons), or undefined. */
export function emojiSign(name: string): string | undefined {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, ''));
}
