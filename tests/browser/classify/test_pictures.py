"""Pictures that are brought: uploaded, one or several, photographed, and the part of them that is meant."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import expect

from bench.pages.browser import find_chromium, wait_until_idle
from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import poster
from nin.data import dataset
from tests.browser.classify.hands import (
    T_SHIRT,
    answer,
    draw_with_mouse,
    png,
    swipe,
    upload,
)

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as for actions (`page` in conftest.py): a busy machine is no fault


def test_uploads_good_and_bad(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    upload(page, ("trousers.png", png(poster(TUNING[1][0]))))
    expect(answer(page)).to_have_attribute("data-label", "Trouser")
    broken = png(poster(TUNING[3][0]))
    upload(page, ("half *a*.png", broken[: len(broken) // 2]), ("letter.png", b"dear all"), ("nothing.png", b""))
    problems = page.locator(".st-key-upload [data-testid=stAlert]")
    expect(problems).to_have_count(3)
    expect(problems.nth(0)).to_contain_text("half *a*.png is damaged")
    expect(problems.nth(1)).to_contain_text("letter.png is not a picture")
    expect(answer(page)).to_have_attribute("data-label", "Trouser")  # nothing is lost
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    # What was wrong is nobody's trouble any more on another page; the picture is still there.
    page.locator(".st-key-nav").get_by_role("link", name="Layers").click()
    expect(page.get_by_text("Your picture: trousers.png", exact=True)).to_be_visible()
    wait_until_idle(page)  # Streamlit forgets the uploader when the other page is drawn to its end
    page.locator(".st-key-nav").get_by_role("link", name="Classify").click()
    expect(answer(page)).to_have_attribute("data-label", "Trouser")
    expect(problems).to_have_count(0)


def test_several_files_are_a_list_whose_rows_open_them(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    about = page.locator(".st-key-prediction .answer-about")
    rows = page.locator(".st-key-classify-table .batch li")
    bad = [(f"bad {number}.png", b"dear all") for number in range(4)]
    upload(page, ("dress.png", png(poster(TUNING[3][0]))), ("boot.png", png(poster(TUNING[9][0]))), *bad)
    expect(about).to_have_text("Your picture: boot.png")
    expect(rows).to_have_count(2)
    expect(page.locator(".st-key-upload [data-testid=stAlert]")).to_have_count(1)
    for name, _ in bad:
        expect(page.get_by_text(name).filter(visible=True)).to_have_count(1)
    rows.first.locator(".batch-open").click()
    expect(about).to_have_text("Your picture: dress.png")
    expect(rows.first.locator(".batch-open")).to_have_attribute("aria-pressed", "true")
    # In the list, in the bars: one form of percentages.
    expect(rows.first.locator(".batch-share")).to_have_text(page.locator(".answer-row.best .answer-value").inner_text())
    for name in ("Layers", "Classify"):
        page.locator(".st-key-nav").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        wait_until_idle(page)
    for reloaded in (False, True):
        if reloaded:
            page.reload()
        expect(rows).to_have_count(2)
        expect(about).to_have_text("Your picture: dress.png")
    wait_until_idle(page)
    # A file that is taken away brings no other back.
    draw_with_mouse(page, [*T_SHIRT, T_SHIRT[0]])
    expect(about).to_have_text("Your drawing")
    upload(page, ("third.png", png(poster(TUNING[1][0]))))
    expect(rows).to_have_count(3)
    rows.first.locator(".batch-remove").click()
    expect(rows).to_have_count(2)
    expect(about).to_have_text("Your picture: third.png")
    wait_until_idle(page)
    page.get_by_role("button", name="Remove all").click()
    expect(rows).to_have_count(0)
    expect(about).to_have_text("Your picture: third.png")


def test_the_name_of_a_file_is_shown_as_it_is(page, app_url, open_page):
    name = "a *new* _red_ :red[shirt] $1 $2 #3.png"
    open_page(page, f"{app_url}/classify")
    upload(page, (name, png(poster(TUNING[6][0]))))
    expect(page.locator(".st-key-prediction .answer-about")).to_have_text(f"Your picture: {name}")
    page.locator(".st-key-nav").get_by_role("link", name="Layers").click()
    expect(page.get_by_text(f"Your picture: {name}", exact=True)).to_be_visible()


def test_an_uploaded_test_image(page, app_url, open_page):
    test = dataset.load().test
    index = int((test.labels == 9).nonzero()[3])
    open_page(page, f"{app_url}/classify")
    upload(page, ("boot.png", png(Image.fromarray(test.images[index].numpy()))))
    expect(answer(page)).to_have_attribute("data-label", "Ankle boot")


def test_a_step_switched_off_changes_the_answer_s_input_and_stays_off(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    upload(page, ("dress.png", png(poster(TUNING[3][0]))))
    expect(answer(page)).to_have_attribute("data-label", "Dress")
    before = answer(page).get_attribute("data-item")
    page.locator(".st-key-seen-by-network").get_by_role("button", name="crop").click()
    expect(answer(page)).not_to_have_attribute("data-item", before)
    without = answer(page).get_attribute("data-item")
    wait_until_idle(page)
    page.reload()
    expect(answer(page)).to_have_attribute("data-item", without)


STANDS_STILL = """main => new Promise(done => {
  let [last, same] = [null, 0];
  const look = () => {
    same = main.scrollTop === last ? same + 1 : 0;
    last = main.scrollTop;
    if (same > 5) done();
    else setTimeout(look, 50);
  };
  look();
})"""


def test_of_two_things_another_is_chosen_by_a_click_a_finger_or_keys(browser, app_url, open_page):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_page(page, f"{app_url}/classify")
    sheet = Image.new("RGBA", (400, 200), "white")
    for class_id, left in ((1, 0), (8, 200)):
        sheet.paste(poster(TUNING[class_id][0]).resize((200, 200)), (left, 0))
    upload(page, ("two.png", png(sheet)))
    things = page.locator(".answer-things button")
    expect(things).to_have_count(3)  # the third is all of it
    shown = {answer(page).get_attribute("data-label")}
    for number in (1, 0):
        before = answer(page).get_attribute("data-item")
        things.nth(number).tap()
        expect(answer(page)).not_to_have_attribute("data-item", before)
        shown.add(answer(page).get_attribute("data-label"))
    assert shown == {"Trouser", "Bag"}
    # A swipe over the picture scrolls the page; framing is asked for first.
    picture, frame, toggle = (page.locator(f".part-{name}") for name in ("sheet", "frame", "toggle"))
    framed = frame.get_attribute("style")
    picture.scroll_into_view_if_needed()
    main = page.locator("[data-testid=stMain]")
    top = main.evaluate("e => e.scrollTop")
    swipe(page, picture, (0.4, 0.9), (0.4, -0.6))
    page.wait_for_function(f"document.querySelector('[data-testid=stMain]').scrollTop > {top} + 50")
    expect(frame).to_have_attribute("style", framed)
    before = answer(page).get_attribute("data-item")
    main.evaluate(STANDS_STILL)  # a finger's scrolling goes on for a while
    toggle.tap()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    picture.evaluate("e => e.scrollIntoView({block: 'center'})")  # clear of the answer that stays in view
    main.evaluate(STANDS_STILL)
    swipe(page, picture, (0.1, 0.1), (0.4, 0.9))
    expect(answer(page)).not_to_have_attribute("data-item", before)
    expect(toggle).to_have_attribute("aria-pressed", "false")
    # By keys, and the focus stays on the frame while the answer follows.
    before = answer(page).get_attribute("data-item")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(frame).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    expect(answer(page)).not_to_have_attribute("data-item", before)
    expect(frame).to_be_focused()
    context.close()


def test_a_photo_from_the_camera(playwright, app_url, open_page):
    """Chromium's own camera, which shows a green test picture: no clothes."""
    flags = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
    try:
        page = browser.new_context(permissions=["camera"], viewport={"width": 1440, "height": 900}).new_page()
        open_page(page, f"{app_url}/classify")
        page.get_by_role("button", name="Camera").click()
        page.get_by_text("Use this device's camera").click()
        # The button is there before the first frame is: a photo taken then is none.
        page.wait_for_function("document.querySelector('[data-testid=stCameraInput] video')?.readyState === 4")
        page.get_by_role("button", name="Take photo").click()
        expect(page.locator(".st-key-prediction .answer-about")).to_have_text("Your photo")
        expect(page.locator("[data-testid=stException], .st-key-upload [data-testid=stAlert]")).to_have_count(0)
    finally:
        browser.close()
